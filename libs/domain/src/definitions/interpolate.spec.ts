import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate, interpolationError } from './interpolate.js';

const cluster = {
  name: 'eu-1',
  labels: { region: 'eu', 'topology.kubernetes.io/zone': 'a', empty: '' },
  values: { domain: 'eu.shop', size: { replicas: 3, big: true }, none: null },
};

describe('interpolate', () => {
  it.each([
    ['plain', 'plain'],
    ['${cluster.name}', 'eu-1'],
    ['a-${cluster.labels.region}-${cluster.name}', 'a-eu-eu-1'],
    ['${cluster.labels.topology.kubernetes.io/zone}', 'a'],
    ['${cluster.values.size.replicas}', 3],
    ['n=${cluster.values.size.replicas}', 'n=3'],
    ['${cluster.values.size}', { replicas: 3, big: true }],
    ['${cluster.labels.tier:-web}', 'web'],
    ['${cluster.labels.empty:-web}', 'web'],
    ['${cluster.labels.empty}', ''],
    ['${cluster.labels.tier:-}', ''],
    ['${HOME} $uri ${clustered}', '${HOME} $uri ${clustered}'],
    ['$${cluster.name} of ${cluster.name}', '${cluster.name} of eu-1'],
  ])('%s', (text, value) => expect(interpolate(text, cluster)).toEqual({ ok: true, value }));

  it.each([
    ['${cluster.labels.tier}', ['cluster.labels.tier']],
    ['${cluster.values.a.b}-${cluster.labels.x}', ['cluster.values.a.b', 'cluster.labels.x']],
    ['${cluster.values.none}', ['cluster.values.none']],
    ['${cluster.labels.toString}', ['cluster.labels.toString']],
  ])('%s has no value', (text, missing) => expect(interpolate(text, cluster)).toEqual({ ok: false, missing }));

  it('names references that can never have a value', () => {
    expect(interpolationError('${cluster.nmae}')).toContain('${cluster.nmae}');
    expect(interpolationError('${cluster}')).toBeDefined();
    expect(interpolationError('${cluster.name')).toBeDefined();
    expect(interpolationError('$${cluster.nmae} ${OTHER} ${clusters}')).toBeUndefined();
  });

  it('leaves texts without references alone', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('${cluster'));
        expect(interpolate(text, cluster)).toEqual({ ok: true, value: text });
      }),
    );
  });
});
