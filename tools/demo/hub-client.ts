/** The few calls of the REST API that the demo makes. */
export class HubClient {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  async get<T>(path: string): Promise<T> {
    return this.call<T>('GET', path, undefined);
  }

  async post<T>(path: string, body: object): Promise<T> {
    return this.call<T>('POST', path, body);
  }

  private async call<T>(method: string, path: string, body: object | undefined): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}`, ...(body ? { 'content-type': 'application/json' } : {}) };
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (response.ok) return (await response.json()) as T;
    const problem = (await response.json().catch(() => ({}))) as { detail?: string };
    throw new Error(`${method} ${path}: ${response.status} ${problem.detail ?? ''}`);
  }
}

export interface Summary {
  readonly hub: { readonly mode: string; readonly reason: string | null };
  readonly healthy: boolean;
  readonly clusters: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, number>>;
  readonly rollouts: Readonly<Record<string, number>>;
  readonly problems: Readonly<Record<string, number>>;
}

export interface Target {
  readonly app: string;
  readonly cluster: string;
  readonly state: string;
  readonly problems: readonly { readonly code: string; readonly message: string; readonly summary: string }[];
}

export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly severity: string;
}

export interface Page<T> {
  readonly items: readonly T[];
}
