import { expect, it } from 'vitest';
import { NOTE_HUB, NOTE_HUB_SINCE, NOTE_HUB_TROUBLE, readWitness, renderAgentNotes } from './agent-notes.js';

const witness = { held: { generation: 1, number: 42 }, records: [0, 3] };
const notes = { connected: true, trouble: '', desired: '1.42', apps: 3, agentVersion: '0.1.0', witness };

it('keeps since when the hub is there or away, and what others noted', () => {
  const first = renderAgentNotes(notes, { other: 'x' }, 0);
  expect(first).toMatchObject({ other: 'x', [NOTE_HUB]: 'connected', [NOTE_HUB_SINCE]: '1970-01-01T00:00:00.000Z' });
  expect(renderAgentNotes({ ...notes, apps: 4 }, first, 5_000)[NOTE_HUB_SINCE]).toBe(first[NOTE_HUB_SINCE]);
  const away = renderAgentNotes({ ...notes, connected: false, trouble: 'it is down' }, first, 9_000);
  expect(away).toMatchObject({
    [NOTE_HUB]: 'away',
    [NOTE_HUB_SINCE]: '1970-01-01T00:00:09.000Z',
    [NOTE_HUB_TROUBLE]: 'it is down',
  });
  expect(renderAgentNotes(notes, away, 10_000)[NOTE_HUB_TROUBLE]).toBe('');
});

it('bears witness of what the records held', () => {
  expect(readWitness(renderAgentNotes(notes, {}, 0))).toEqual(witness);
  expect(readWitness({})).toEqual({ held: { generation: 0, number: 0 }, records: [] });
});
