/** What a loaded machine may take for something that takes milliseconds on a quiet one. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 10;

/**
 * Looks again and again until the look does not throw, and resolves with what it gave; for conditions that are written as
 * assertions. @throws what the last look threw, after 20 s or as long as is asked for.
 */
export async function eventually<T>(look: () => T | Promise<T>, withinMs = PATIENCE_MS): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
