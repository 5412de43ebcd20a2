import { describe, expect, it } from 'vitest';
import { createLogger } from './create-logger.js';

function lines(): { readonly written: string[]; write(line: string): void } {
  const written: string[] = [];
  return { written, write: (line) => void written.push(line) };
}

describe('createLogger', () => {
  it('writes one JSON object per line, with level and time in words', () => {
    const destination = lines();
    createLogger({ name: 'agent', level: 'info', destination }).warn({ app: 'web' }, 'hub is away');
    expect(JSON.parse(destination.written.join(''))).toMatchObject({
      level: 'warn',
      name: 'agent',
      app: 'web',
      msg: 'hub is away',
    });
    expect(destination.written.join('')).toMatch(/"time":"\d{4}-.*Z"/);
  });

  it('prints no secret and nothing below its level', () => {
    const destination = lines();
    const logger = createLogger({ name: 'agent', level: 'info', destination });
    logger.info({ token: 'hunter2', join: { key: 'hunter2' }, source: { password: 'hunter2' } }, 'enrolling');
    logger.info({ req: { headers: { authorization: 'hunter2' } } }, 'asked');
    logger.debug('not seen');
    expect(destination.written).toHaveLength(2);
    expect(destination.written.join('')).not.toContain('hunter2');
  });
});
