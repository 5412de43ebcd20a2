/** Steps as they happen, each with its time. On a terminal a running step shows its progress in place. */
export class Screen {
  private live = process.stdout.isTTY;

  /** Runs one step; the words it resolves with stand behind its time. */
  async step(name: string, work: (progress: (words: string) => void) => Promise<string>): Promise<void> {
    const start = performance.now();
    this.show(name, '');
    const words = await work((progress) => this.show(name, progress));
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    this.clear();
    this.line(`  ${name.padEnd(18)}${seconds.padStart(6)}s   ${words}`);
  }

  /** Somebody wants us to stop: nothing is drawn in place any more. */
  rest(): void {
    this.clear();
    this.live = false;
  }

  line(text = ''): void {
    process.stdout.write(`${text}\n`);
  }

  private show(name: string, words: string): void {
    if (!this.live) return;
    this.clear();
    process.stdout.write(`  ${name.padEnd(18)}     …   ${words}`.slice(0, (process.stdout.columns || 80) - 1));
  }

  private clear(): void {
    if (this.live) process.stdout.write('\r\u001b[K');
  }
}
