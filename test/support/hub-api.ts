import { readFile } from 'node:fs/promises';

export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

/** The REST API as tests call it: raw, so that what they see is what is on the wire. */
export class HubApi {
  constructor(
    readonly url: string,
    private readonly tokenFile: string,
  ) {}

  async token(): Promise<string> {
    return (await readFile(this.tokenFile, 'utf8')).trim();
  }

  async fetch(method: string, path: string, body?: object): Promise<Response> {
    const headers = {
      authorization: `Bearer ${await this.token()}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    return fetch(`${this.url}/api/v1${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.fetch('GET', path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async post<T>(path: string, body: object = {}): Promise<T> {
    const response = await this.fetch('POST', path, body);
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async items<T>(path: string): Promise<T[]> {
    return (await this.get<Page<T>>(path)).items;
  }
}

export interface TargetItem {
  readonly app: string;
  readonly cluster: string;
  readonly state: string;
  readonly health: string;
  readonly life: string;
  readonly desiredRelease: number | null;
  readonly allowedRelease: number | null;
  readonly appliedRelease: number | null;
  readonly reportedAt: string | null;
  readonly problems: { code: string; message: string; summary: string; ref: { kind: string; name: string } }[];
  readonly drifts: { kind: string; field: string; healed: boolean; manager: string }[];
}

export interface ProblemItem {
  readonly code: string;
  readonly severity: string;
  readonly subjectKind: string;
  readonly subjectName: string;
  readonly file: string;
  readonly line: number;
  readonly field: string;
  readonly message: string;
  readonly hint: string;
  readonly commit: string;
}

export interface SourceItem {
  readonly name: string;
  readonly commit: string | null;
  readonly failure: string;
  readonly failingSince: string | null;
}

export interface AppItem {
  readonly name: string;
  readonly life: string;
  readonly frozenBecause: string;
  readonly release: { number: number; commit: string } | null;
  readonly rollout: { state: string; release: number } | null;
  readonly targets: Record<string, number>;
}
