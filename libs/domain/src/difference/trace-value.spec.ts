import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceValue } from './trace-value.js';

const IMAGE = { field: 'spec.template.spec.containers[web].image', value: 'registry.example/web:1.5.O' };

function file(before: string | undefined, after: string | undefined, path = 'web/deployment.yaml') {
  return { path, before, after };
}

describe('traceValue', () => {
  it('finds the line that brought the value', () => {
    const files = [
      file('kind: D\nimage: registry.example/web:1.4.0\n', 'kind: D\nimage: registry.example/web:1.5.O\n'),
    ];
    expect(traceValue(files, IMAGE)).toEqual({ file: 'web/deployment.yaml', line: 2 });
  });

  it('finds the tag where the image is put together', () => {
    const files = [
      file(
        'images:\n- name: web\n  newTag: 1.4.0\n',
        'images:\n- name: web\n  newTag: "1.5.O"\n',
        'web/kustomization.yaml',
      ),
    ];
    expect(traceValue(files, IMAGE)).toEqual({ file: 'web/kustomization.yaml', line: 3 });
  });

  it('would rather say nothing than guess', () => {
    const twice = 'a: registry.example/web:1.5.O\nb: registry.example/web:1.5.O\n';
    expect(traceValue([file('', twice)], IMAGE)).toBeUndefined();
    expect(traceValue([file('x: 1', 'x: registry.example/web:1.5.O-rc1')], IMAGE)).toBeUndefined();
    expect(
      traceValue([file('same: registry.example/web:1.5.O', 'same: registry.example/web:1.5.O')], IMAGE),
    ).toBeUndefined();
    expect(traceValue([file('', 'port: 3\n')], { field: 'spec.replicas', value: 3 })).toBeUndefined();
    expect(traceValue([file('', 'x: {}')], { field: 'x', value: {} })).toBeUndefined();
  });

  it('takes a number where its field is named', () => {
    const files = [file('replicas: 1\nport: 1\n', 'replicas: 3\nport: 3\n')];
    expect(traceValue(files, { field: 'spec.replicas', value: 3 })).toEqual({ file: 'web/deployment.yaml', line: 1 });
  });

  it('names only a line that holds the value and was not there before', () => {
    const line = fc.constantFrom('image: a:1', 'image: a:2', 'other: a:2', 'x: 1', '');
    const text = fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const found = traceValue([file(before, after)], { field: 'spec.image', value: 'a:2' });
        if (found === undefined) return;
        const said = after.split('\n')[found.line - 1] ?? '';
        expect(said).toContain('a:2');
        const times = (whole: string): number => whole.split('\n').filter((each) => each === said).length;
        expect(times(after)).toBeGreaterThan(times(before));
      }),
    );
  });
});
