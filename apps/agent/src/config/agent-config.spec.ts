import { describe, expect, it } from 'vitest';
import { printHelp, readAgentConfig } from './agent-config.js';

describe('readAgentConfig', () => {
  it('has defaults for everything but where the hub is', () => {
    expect(readAgentConfig({ environment: { PATH: '/bin' } })).toEqual({
      joinAddresses: [],
      hubAddresses: [],
      reconnectMaxMs: 30_000,
      namespace: 'flotilla-system',
      impersonateOnly: false,
      forbidKinds: [],
      forbidNamespaces: [],
      logLevel: 'info',
    });
  });

  it('lets flags win over the environment', () => {
    const config = readAgentConfig({
      environment: { FLOTILLA_AGENT_NAMESPACE: 'a', FLOTILLA_AGENT_HUB_ADDRESS: 'one:1, [::1]:2' },
      flags: ['--namespace=b', '--forbid-kinds', 'Secret,Role.rbac.authorization.k8s.io'],
    });
    expect(config).toMatchObject({ namespace: 'b', hubAddresses: ['one:1', '[::1]:2'] });
    expect(config.forbidKinds).toEqual(['Secret', 'Role.rbac.authorization.k8s.io']);
  });

  it('names every problem at once', () => {
    const environment = {
      FLOTILLA_AGENT_NAMESPASE: 'a',
      FLOTILLA_AGENT_LOG_LEVEL: 'loud',
      FLOTILLA_AGENT_HUB_ADDRESS: 'x',
    };
    const read = (): unknown => readAgentConfig({ environment, flags: ['--what', '1', '--context'] });
    expect(read).toThrow(
      'FLOTILLA_AGENT_NAMESPASE: unknown setting\n--what: unknown flag\n--context: needs a value\n' +
        'FLOTILLA_AGENT_HUB_ADDRESS: "x" is not host:port\nFLOTILLA_AGENT_LOG_LEVEL: "loud" is none of debug, info, warn, error, silent',
    );
  });

  it('offers no flag for the token', () => {
    expect(() => readAgentConfig({ environment: {}, flags: ['--join-token', 'x'] })).toThrow(
      '--join-token: unknown flag',
    );
    expect(printHelp()).not.toContain('--join-token ');
  });
});
