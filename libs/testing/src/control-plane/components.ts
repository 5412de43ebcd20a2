import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from './api-client.js';
import type { Ports } from './component-flags.js';
import { apiServerFlags, controllerManagerFlags, etcdFlags, kwokFlags, schedulerFlags } from './component-flags.js';
import type { Component } from './component.js';
import { startComponent } from './component.js';
import type { Credentials } from './credentials.js';
import type { Asset } from './kubernetes-assets.js';
import { kwokConfig } from './kwok-stages.js';

const READY_WITHIN_MS = 90_000;

export interface Place {
  readonly assets: string;
  readonly folder: string;
  readonly ports: Ports;
  readonly credentials: Credentials;
  readonly auditLog: string | undefined;
}

/** The processes of one control plane. */
export class Components {
  private readonly running = new Map<Asset, Component>();

  constructor(private readonly place: Place) {}

  /** Starts what does not run, each after what it needs: a controller that meets no API server at its start gives up. */
  async start(client: ApiClient): Promise<void> {
    const { folder, ports, credentials } = this.place;
    const certs = (component: Asset): string => join(folder, 'certs', component);
    await this.run('etcd', etcdFlags(ports, join(folder, 'etcd')));
    const audit = await this.auditFlags();
    await this.run('kube-apiserver', [...apiServerFlags(ports, credentials, certs('kube-apiserver')), ...audit]);
    await this.until('the API server answers', async () => (await client.call('GET', '/readyz')).status === 200);
    const kwokFile = join(folder, 'kwok.yaml');
    await writeFile(kwokFile, kwokConfig());
    await Promise.all([
      this.run('kube-controller-manager', controllerManagerFlags(ports, credentials, certs('kube-controller-manager'))),
      this.run('kube-scheduler', schedulerFlags(ports, credentials, certs('kube-scheduler'))),
      this.run('kwok', kwokFlags(credentials, kwokFile)),
    ]);
  }

  private async auditFlags(): Promise<string[]> {
    const { auditLog, folder } = this.place;
    if (auditLog === undefined) return [];
    const policy = join(folder, 'audit-policy.yaml');
    const rules = 'omitStages: [RequestReceived, ResponseStarted]\nrules: [{level: Metadata}]\n';
    await writeFile(policy, `apiVersion: audit.k8s.io/v1\nkind: Policy\n${rules}`);
    return [`--audit-policy-file=${policy}`, `--audit-log-path=${auditLog}`];
  }

  async kill(names: readonly Asset[]): Promise<void> {
    await Promise.all(names.map(async (name) => this.running.get(name)?.kill()));
    for (const name of names) this.running.delete(name);
  }

  async close(): Promise<void> {
    await this.kill([...this.running.keys()]);
    await rm(this.place.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Waits for something to become true. @throws Error as soon as a component ended by itself, or when it takes too long. */
  async until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await isTrue().catch(() => false))) {
      for (const component of this.running.values()) {
        if (!component.running()) throw new Error(`${component.name} ended:\n${component.lastWords()}`);
      }
      if (Date.now() > deadline)
        throw new Error(`not within ${READY_WITHIN_MS / 1000} s: ${what}\n${this.lastWords()}`);
      await delay(50);
    }
  }

  private lastWords(): string {
    return [...this.running.values()].map((component) => `${component.name}: ${component.lastWords()}`).join('\n');
  }

  private async run(name: Asset, args: string[]): Promise<void> {
    if (this.running.has(name)) return;
    const { assets, folder } = this.place;
    const cwd = join(folder, 'certs', name);
    await mkdir(cwd, { recursive: true });
    const logFile = join(folder, `${name}.log`);
    this.running.set(name, startComponent({ name, program: join(assets, name), args, logFile, cwd }));
  }
}
