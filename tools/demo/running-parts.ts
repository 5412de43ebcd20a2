/** What has been started, stopped in the reverse order. */
export class RunningParts implements AsyncDisposable {
  private readonly parts: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(part: T): T {
    this.parts.push(part);
    return part;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let part = this.parts.pop(); part; part = this.parts.pop()) await part[Symbol.asyncDispose]();
  }
}
