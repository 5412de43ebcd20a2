import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startControlPlane, until } from '@flotilla/testing';
import { describe, expect, it } from 'vitest';
import { useKubectl } from '../contract/kubectl.js';
import { configMap, deployment } from '../support/fleet-files.js';
import { World } from '../support/world.js';

const run = promisify(execFile);
const FLOTILLA = join(import.meta.dirname, '..', '..', 'apps/cli/dist/flotilla.mjs');
const AGENT = 'system:serviceaccount:flotilla-system:flotilla-agent';
const DEPLOYER = 'system:serviceaccount:web:deployer';

const FLEET = {
  'web/flotilla.yaml':
    'kind: App\nmetadata: {name: web}\nspec: {targets: [{all: true}], serviceAccount: deployer, onDelete: prune}\n',
  'web/deployment.yaml': deployment('web', 'web:1.0', 2),
  'web/config.yaml': configMap('web', { MODE: 'a' }),
  'web/extra.yaml': configMap('extra', { X: '1' }),
};

interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: { readonly resource: string; readonly namespace?: string };
  readonly responseStatus?: { readonly code: number };
}

/** What the agent asked for, by the API server's own record. */
async function callsOf(file: string): Promise<AuditEvent[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AuditEvent).filter(({ user }) => user.username === AGENT);
}

const isWrite = ({ verb }: AuditEvent): boolean => !['get', 'list', 'watch'].includes(verb);

describe('an agent with the rights that `flotilla agent rbac` prints', () => {
  it('does its whole job, is refused nothing, and touches apps as their account only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-rbac-'));
    const auditLog = join(folder, 'audit.log');
    await using plane = await startControlPlane({ name: 'least', auditLog });
    await using kubectl = await useKubectl(plane);
    for (const [name, text] of Object.entries(FLEET)) {
      const file = join(folder, 'fleet', name);
      await run('mkdir', ['-p', dirname(file)]);
      await writeFile(file, text);
    }
    const { stdout } = await run(process.execPath, [
      FLOTILLA,
      'agent',
      'rbac',
      join(folder, 'fleet'),
      '--cluster',
      'least',
    ]);
    const rights = join(folder, 'rights.yaml');
    await writeFile(rights, stdout);
    const granted = await kubectl(['apply', '--filename', rights]);
    expect(granted).toMatchObject({ code: 0, stderr: '' });
    const token = await kubectl(['create', 'token', 'flotilla-agent', '-n', 'flotilla-system']);

    await using world = await World.start({ files: FLEET, agents: { FLOTILLA_AGENT_IMPERSONATE_ONLY: 'true' } });
    await plane.writeKubeconfig(join(world.folder, 'least.kubeconfig'), token.stdout.trim());
    await using agent = await world.joinExternal('least');
    expect(agent.running).toBe(true);
    await world.healthy('web', 1);

    const mode = (): Promise<string> =>
      kubectl(['get', 'configmap', 'web', '-n', 'web', '-o', 'jsonpath={.data.MODE}']).then((said) => said.stdout);
    await kubectl(['patch', 'configmap', 'web', '-n', 'web', '--type=merge', '-p', '{"data":{"MODE":"mine"}}']);
    await world.targetIs('web', 'least', ({ drifts }) => drifts.some(({ healed }) => healed));
    expect(await mode()).toBe('a');
    await world.push('drop extra', { 'web/extra.yaml': null });
    await world.healthy('web', 2);
    expect((await kubectl(['get', 'configmap', 'extra', '-n', 'web'])).stderr).toContain('NotFound');

    const settled = async (): Promise<true | undefined> =>
      (await callsOf(auditLog)).some(({ verb }) => verb === 'delete') ? true : undefined;
    await until(settled, 'the record has the deletion');
    const calls = await callsOf(auditLog);
    const refused = calls.filter(({ responseStatus }) => responseStatus?.code === 403 || responseStatus?.code === 401);
    expect(refused.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
    const ofApps = calls.filter(({ objectRef }) => objectRef?.namespace === 'web');
    expect(ofApps.filter(isWrite).length).toBeGreaterThan(3);
    const own = ofApps.filter(({ impersonatedUser }) => impersonatedUser?.username !== DEPLOYER);
    expect(own.filter((call) => isWrite(call) || call.verb === 'get').map(({ requestURI }) => requestURI)).toEqual([]);
    const elsewhere = calls.filter((call) => isWrite(call) && call.objectRef?.namespace !== 'web');
    expect(new Set(elsewhere.map(({ objectRef }) => objectRef?.namespace))).toEqual(new Set(['flotilla-system']));
    const may = await kubectl(['auth', 'can-i', 'patch', 'configmaps', '-n', 'web', '--as', AGENT]);
    expect(may.stdout.trim()).toBe('no');
    await rm(folder, { recursive: true, force: true });
  });
});
