import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import type { Kubectl, KubectlResult } from '../kubectl.js';
import { useKubectl } from '../kubectl.js';
import { configMap, deployment, service } from '../sample-objects.js';
import { containing } from '../matchers.js';
import type { Namespace, Suite } from '../suite-context.js';

type Run = (args: string, objects?: Parameters<Kubectl>[1]) => Promise<KubectlResult>;
type Judge = () => Promise<{ run: Run; namespace: Namespace }>;

/** kubectl as the judge: what a user types works, and says what a user expects. */
export function describeKubectl(suite: Suite): void {
  describe('kubectl', () => {
    let kubectl: Kubectl | undefined;
    beforeAll(async () => {
      kubectl = await useKubectl(suite.cluster);
    });
    afterAll(async () => {
      await kubectl?.[Symbol.asyncDispose]();
    });
    const judge: Judge = async () => {
      const namespace = await suite.namespace();
      const run: Run = async (args, objects) => {
        if (!kubectl) throw new Error('there is no kubectl');
        return kubectl(['--namespace', namespace.name, ...args.split(' ')], objects);
      };
      return { run, namespace };
    };
    describeApplyAndDiff(judge);
    describeReading(judge);
    describeWaiting(judge);
    describeTypedClients(judge);
    describeHandiwork(suite, judge);
  });
}

const done = (stdout: unknown): unknown => expect.objectContaining({ code: 0, stdout });

function describeApplyAndDiff(judge: Judge): void {
  it('applies server-side, shows a difference, and none when there is none', async () => {
    const { run } = await judge();
    const apply = 'apply --server-side -f -';
    const objects = [deployment('web', { replicas: 1 }), service('web', [{ port: 80 }]), configMap('a', { n: '1' })];
    const applied = await run(apply, objects);
    expect(applied.stdout.trim().split('\n')).toEqual([
      'deployment.apps/web serverside-applied',
      'service/web serverside-applied',
      'configmap/a serverside-applied',
    ]);
    // While its controller still writes the status, a difference is found in that.
    await run('rollout status deployment/web --timeout=30s');
    await eventually(async () => (await run('diff --server-side -f -', objects)).code === 0);
    expect(await run('diff --server-side -f -', objects)).toMatchObject({ code: 0, stdout: '' });
    const different = await run('diff --server-side -f -', [configMap('a', { n: '2' })]);
    expect(different.code).toBe(1);
    expect(different.stdout).toMatch(/-\s+"?n"?: "1"\n\+\s+"?n"?: "2"/);
  });

  it('applies client-side too', async () => {
    const { run } = await judge();
    expect(await run('apply -f -', [configMap('a', { n: '1' })])).toEqual(done('configmap/a created\n'));
    expect(await run('apply -f -', [configMap('a', { n: '1' })])).toEqual(done('configmap/a unchanged\n'));
    expect(await run('apply -f -', [configMap('a', { m: '2' })])).toEqual(done('configmap/a configured\n'));
    expect(await run('get configmap a -o jsonpath={.data}')).toEqual(done('{"m":"2"}'));
  });
}

function describeReading(judge: Judge): void {
  it('prints tables with the columns of the kind', async () => {
    const { run } = await judge();
    await run('apply --server-side -f -', [deployment('web', { replicas: 2 }), service('web', [{ port: 80 }])]);
    await run('rollout status deployment/web --timeout=30s');
    const { stdout } = await run('get deployment');
    expect(stdout).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 +\d+s\n$/);
    expect((await run('get pods')).stdout).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE\n(web-\w+-\w+ +1\/1 +Running +0 +\d+s\n){2}$/,
    );
    expect((await run('get services')).stdout).toMatch(
      /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nweb +ClusterIP +[\d.]+ +<none> +80\/TCP/,
    );
    expect((await run('get namespace default')).stdout).toMatch(/^NAME +STATUS +AGE\ndefault +Active/);
    expect((await run('get nodes')).stdout).toMatch(/ Ready /);
  });

  it('prints names, JSON, and a clear word for what is not there', async () => {
    const { run } = await judge();
    await run('apply --server-side -f -', [configMap('a', { n: '1' })]);
    expect(await run('get configmap/a -o name')).toEqual(done('configmap/a\n'));
    expect(JSON.parse((await run('get cm a -o json')).stdout)).toMatchObject({ kind: 'ConfigMap', data: { n: '1' } });
    const missing = await run('get configmap b');
    expect(missing).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): configmaps "b" not found\n' });
    expect((await run('get nothings')).stderr).toBe('error: the server doesn\'t have a resource type "nothings"\n');
  });

  it('describes a Deployment with its replicas and conditions, and a Pod with its reason', async () => {
    const { run } = await judge();
    await run('apply --server-side -f -', [deployment('web', { replicas: 1, image: 'web:missing' })]);
    await eventually(async () => (await run('get pods')).stdout.includes('ImagePullBackOff'));
    const described = await run('describe deployment web');
    expect(described.stdout).toMatch(/Replicas: +1 desired \| 1 updated \| 1 total \| 0 available \| 1 unavailable/);
    expect(described.stdout).toMatch(/Available +False +MinimumReplicasUnavailable/);
    expect(described.stdout).toMatch(/ScalingReplicaSet/);
    expect((await run('describe pods')).stdout).toMatch(/Reason: +ImagePullBackOff/);
  });

  it('explains a field', async () => {
    const { run } = await judge();
    expect((await run('explain deployment.spec.replicas')).stdout).toContain('FIELD: replicas <integer>');
  });
}

function describeWaiting(judge: Judge): void {
  it('waits for a condition, and until a rollout is done', async () => {
    const { run } = await judge();
    await run('apply --server-side -f -', [deployment('web', { replicas: 3 })]);
    expect(await run('rollout status deployment/web --timeout=30s')).toEqual(
      done(containing('deployment "web" successfully rolled out')),
    );
    expect(await run('wait deployment/web --for=condition=Available --timeout=30s')).toEqual(
      done('deployment.apps/web condition met\n'),
    );
    expect(await run('wait deployment/web --for=jsonpath={.status.readyReplicas}=3 --timeout=30s')).toMatchObject({
      code: 0,
    });
  });

  it('fails when a rollout is stuck', async () => {
    const { run } = await judge();
    const stuck = deployment('web', { replicas: 1, image: 'web:broken', spec: { progressDeadlineSeconds: 1 } });
    await run('apply --server-side -f -', [stuck]);
    const status = await run('rollout status deployment/web --timeout=30s');
    expect(status).toMatchObject({ code: 1, stderr: 'error: deployment "web" exceeded its progress deadline\n' });
  });

  it('deletes, and comes back when it is gone', async () => {
    const { run, namespace } = await judge();
    await run('apply --server-side -f -', [deployment('web', { replicas: 1 }), configMap('a', {})]);
    await run('rollout status deployment/web --timeout=30s');
    const deleted = await run('delete deployment/web configmap/a --timeout=30s');
    expect(deleted.code).toBe(0);
    expect(deleted.stdout).toMatch(/^deployment\.apps "web" deleted.*\nconfigmap "a" deleted.*\n$/);
    expect(await run('wait pods --all --for=delete --timeout=30s')).toMatchObject({ code: 0 });
    expect((await run(`get all -n ${namespace.name}`)).stderr).toBe(
      `No resources found in ${namespace.name} namespace.\n`,
    );
    expect(await run(`delete namespace ${namespace.name} --timeout=50s`)).toMatchObject({ code: 0 });
  });
}

/** `kubectl create` and `kubectl auth` send protobuf, as typed clients do. */
function describeTypedClients(judge: Judge): void {
  it('creates by command what it can also be told in a file', async () => {
    const { run } = await judge();
    const commands = [
      ['configmap a --from-literal=k=v', 'configmap/a'],
      ['secret generic s --from-literal=p=q', 'secret/s'],
      ['serviceaccount bot', 'serviceaccount/bot'],
      ['role r --verb=get --resource=pods', 'role.rbac.authorization.k8s.io/r'],
      ['rolebinding rb --role=r --serviceaccount=default:bot', 'rolebinding.rbac.authorization.k8s.io/rb'],
      ['quota q --hard=configmaps=9,requests.cpu=1500m', 'resourcequota/q'],
      ['deployment web --image=web:1.0 --replicas=0 --port=80', 'deployment.apps/web'],
      ['ingress i --rule=a.example/*=web:80', 'ingress.networking.k8s.io/i'],
      ['poddisruptionbudget b --selector=app=web --min-available=50%', 'poddisruptionbudget.policy/b'],
    ] as const;
    for (const [args, created] of commands) expect(await run(`create ${args}`)).toEqual(done(`${created} created\n`));
    expect(await run('get configmap a -o jsonpath={.data}')).toEqual(done('{"k":"v"}'));
    expect(await run('get secret s -o jsonpath={.data}')).toEqual(done('{"p":"cQ=="}'));
    expect(await run('get quota q -o jsonpath={.spec.hard.requests\\.cpu}')).toEqual(done('1500m'));
    const field = async (path: string): Promise<string> =>
      (await run(`get deployment web -o jsonpath={${path}}`)).stdout;
    expect(await field('.spec.replicas')).toBe('0');
    expect(await field('.spec.template.spec.containers[0].ports')).toBe('[{"containerPort":80,"protocol":"TCP"}]');
    expect(await run('get pdb b -o jsonpath={.spec.minAvailable}')).toEqual(done('50%'));
    expect((await run('create configmap a')).stderr).toContain('configmaps "a" already exists');
    expect((await run('create cronjob c --image=b --schedule=*/5*')).stderr).toContain(
      'expected exactly 5 fields, found 1',
    );
  });

  it('answers who may do what, and gives a token', async () => {
    const { run } = await judge();
    expect(await run('auth can-i create pods')).toEqual(done('yes\n'));
    expect(await run('auth whoami -o jsonpath={.status.userInfo.username}')).toMatchObject({ code: 0 });
    expect(await run('auth can-i --list')).toEqual(done(containing('*.*')));
    await run('create serviceaccount bot');
    expect((await run('create token bot')).stdout).toMatch(/^\S{20,}\s*$/);
  });

  it('refuses what no container answers, and says what a kind or a patch is refused for', async () => {
    const { run } = await judge();
    await run('apply --server-side -f -', [deployment('web', { replicas: 1 }), configMap('a', { n: '1' })]);
    await run('rollout status deployment/web --timeout=30s');
    expect(await run('logs deployment/web')).toMatchObject({ code: 1, stdout: '' });
    expect(await run('patch configmap a --type=json -p [{"op":"remove","path":"/data/zz"}]')).toMatchObject({
      code: 1,
      stderr: 'The request is invalid: the server rejected our request due to an error in our request\n',
    });
    const unknown = await run('apply -f -', [{ apiVersion: 'v1', kind: 'Nope', metadata: { name: 'x' } }]);
    expect(unknown.stderr).toContain('no matches for kind "Nope" in version "v1"');
  });
}

function describeHandiwork(suite: Suite, judge: Judge): void {
  it.each([
    ['scale', 'scale deployment/web --replicas=3', '.spec.replicas'],
    ['set image', 'set image deployment/web web=web:9.9', '.spec.template.spec.containers[name="web"].image'],
  ])('takes fields by %s, so that only force gets them back', async (_, command, field) => {
    const { run, namespace } = await judge();
    const web = namespace.path('apps/v1/deployments', 'web');
    await suite.client.apply(web, deployment('web', { replicas: 1 }));
    expect(await run(command)).toMatchObject({ code: 0 });
    const refusal = await suite.client.applyRefused(web, deployment('web', { replicas: 1 }));
    expect(refusal.details?.causes?.map((cause) => cause.field)).toEqual([field]);
    await suite.client.apply(web, deployment('web', { replicas: 1 }), { force: true });
    expect((await suite.client.get(web))['spec']).toMatchObject({
      replicas: 1,
      template: { spec: { containers: [{ image: 'web:1.0' }] } },
    });
  });

  it('adds what nobody else owns by label and edit', async () => {
    const { run, namespace } = await judge();
    await suite.client.apply(namespace.path('configmaps', 'a'), configMap('a', { n: '1' }));
    expect(await run('label configmap/a seen=yes')).toMatchObject({ code: 0 });
    expect(await run('annotate configmap/a note=x')).toMatchObject({ code: 0 });
    expect(await run('patch configmap/a --type=merge -p {"data":{"extra":"1"}}')).toMatchObject({ code: 0 });
    const live = await suite.client.apply(namespace.path('configmaps', 'a'), configMap('a', { n: '1' }));
    expect(live).toMatchObject({
      data: { n: '1', extra: '1' },
      metadata: { labels: { seen: 'yes' }, annotations: { note: 'x' } },
    });
  });
}
