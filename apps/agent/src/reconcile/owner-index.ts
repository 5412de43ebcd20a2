/** Which apps' inventories hold which objects, by refKey: kept as inventories change, because every plan asks. */
export class OwnerIndex {
  private readonly apps = new Map<string, readonly string[]>();

  add(key: string, app: string): void {
    const known = this.apps.get(key);
    if (known === undefined) this.apps.set(key, [app]);
    else if (!known.includes(app)) this.apps.set(key, [...known, app]);
  }

  remove(key: string, app: string): void {
    const left = this.apps.get(key)?.filter((other) => other !== app) ?? [];
    if (left.length === 0) this.apps.delete(key);
    else this.apps.set(key, left);
  }

  /** Another app that has the object in its inventory. */
  otherThan(app: string, key: string): string | undefined {
    return this.apps.get(key)?.find((other) => other !== app);
  }
}
