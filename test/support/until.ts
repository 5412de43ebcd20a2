/** Looks until something is there. @throws Error with `details` when it is not within 30 s. */
export async function until<T>(
  look: () => Promise<T | undefined>,
  what: string,
  details: () => string | Promise<string> = () => '',
): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`not within 30 s: ${what}\n${await details()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
