import { Inject, Injectable } from '@nestjs/common';
import type { ListenAddress } from '../config/index.js';
import { HubConfig } from '../config/index.js';

const ANY = new Set(['0.0.0.0', '::']);
const LOCAL = ['localhost', '127.0.0.1'];

export type ListenerName = 'join' | 'agents';

/** Where agents reach the two listeners: as configured, else where they listen. */
@Injectable()
export class PublicAddresses {
  private readonly bound = new Map<ListenerName, ListenAddress>();

  constructor(@Inject(HubConfig) private readonly config: HubConfig) {}

  /** Told by the listeners once they have a port. */
  bind(name: ListenerName, port: number): void {
    this.bound.set(name, { host: this.listen(name).host, port });
  }

  /** `host:port`. */
  of(name: ListenerName): string {
    const given = this.given(name);
    if (given !== undefined) return given;
    const { host, port } = this.bound.get(name) ?? this.listen(name);
    return `${ANY.has(host) ? 'localhost' : bracketed(host)}:${port}`;
  }

  /** Names and addresses that the listeners' certificate must have. */
  get hosts(): string[] {
    const names: ListenerName[] = ['join', 'agents'];
    const listened = names.map((name) => this.listen(name).host).filter((host) => !ANY.has(host));
    const given = names.flatMap((name) => this.given(name) ?? []).map(hostOf);
    return [...new Set([...given, ...listened, ...LOCAL])];
  }

  private listen(name: ListenerName): ListenAddress {
    const { joinListen, agentsListen } = this.config.settings;
    return name === 'join' ? joinListen : agentsListen;
  }

  private given(name: ListenerName): string | undefined {
    const { publicJoinAddress, publicAgentsAddress } = this.config.settings;
    return name === 'join' ? publicJoinAddress : publicAgentsAddress;
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
