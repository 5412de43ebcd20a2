export type Details = () => string | Promise<string>;

export interface Patience {
  readonly details?: Details;
  /** Default 60,000: a loaded machine takes its time. */
  readonly withinMs?: number;
}

/** Looks until something is there. @throws Error with `details` when it is not within 60 s, or as long as is asked for. */
export async function until<T>(
  look: () => Promise<T | undefined>,
  what: string,
  patience: Details | Patience = {},
): Promise<T> {
  const { details, withinMs = 60_000 } = typeof patience === 'function' ? { details: patience } : patience;
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end)
      throw new Error([`not within ${withinMs / 1_000} s: ${what}`, await details?.()].filter(Boolean).join('\n'));
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
