import type { StrategyDefinition, Wave } from '../definitions/index.js';
import { DEFAULT_STRATEGY } from '../definitions/index.js';
import { clusterMatches } from '../match/index.js';
import type { RolloutFacts, RolloutTarget } from './facts.js';
import { samePart } from './facts.js';
import type { RolloutMemory, WaveMemory, WaveRule } from './memory.js';
import { ruleOf } from './memory.js';

/** A wave with its targets, in the order in which they are taken. */
export interface ArrangedWave {
  readonly name: string;
  readonly base: string;
  readonly lone: boolean;
  readonly rule: WaveRule;
  /** Waves whose approval guards the entry: its own and that of empty ones before it. */
  readonly approvals: readonly string[];
  readonly started: WaveMemory | undefined;
  readonly members: readonly RolloutTarget[];
}

/** The wave of targets that no wave of the strategy takes. */
const OTHERS = 'others';

/** A part that differs from what is allowed: only such targets are in a rollout. */
export function isChanged(target: RolloutTarget): boolean {
  return target.life === 'active' && target.desired !== undefined && !samePart(target.allowed, target.desired);
}

/**
 * Waves in order: those that started, as they started, then the strategy's. One that only now has targets, or that an edit
 * put before a started one, waits for it: never do two waves begin side by side. Started waves keep their targets and
 * rules, and take in changed targets that match them; the others are computed anew.
 */
export function arrangeWaves(facts: RolloutFacts, memory: RolloutMemory): ArrangedWave[] {
  const strategyWaves = withOthers(facts.strategy);
  const members = distribute(facts, memory, strategyWaves);
  const planned = strategyWaves.map((wave) => arrange(wave, { facts, memory, members }));
  const foreign = memory.waves.filter((wave) => !strategyWaves.some(({ name }) => name === wave.name));
  const before = foreign.map((wave) => arrangeStarted(wave, members.get(wave.name) ?? []));
  const waves = carryApprovals([...before, ...sendOneAhead(planned, facts, memory)], strategyWaves);
  return startedFirst(waves, memory);
}

function startedFirst(waves: readonly ArrangedWave[], memory: RolloutMemory): ArrangedWave[] {
  const order = new Map(memory.waves.map(({ name }, index) => [name, index]));
  const rank = ({ name }: ArrangedWave): number => order.get(name) ?? order.size;
  return [...waves].sort((a, b) => rank(a) - rank(b));
}

function withOthers(strategy: StrategyDefinition): Wave[] {
  const [defaults] = DEFAULT_STRATEGY.waves;
  if (defaults === undefined || strategy.waves.some((wave) => wave.choice === undefined)) return [...strategy.waves];
  const taken = strategy.waves.some((wave) => wave.name === OTHERS);
  return [...strategy.waves, { ...defaults, name: taken ? `${OTHERS}:implicit` : OTHERS }];
}

type Members = ReadonlyMap<string, RolloutTarget[]>;

function distribute(facts: RolloutFacts, memory: RolloutMemory, waves: readonly Wave[]): Members {
  const frozen = new Map<number, string>();
  for (const wave of memory.waves) for (const id of wave.targets) frozen.set(id, wave.name);
  const members = new Map<string, RolloutTarget[]>();
  for (const target of [...facts.targets].sort(byName)) {
    const wave = frozen.get(target.clusterId) ?? (isChanged(target) ? firstMatch(target, facts, waves) : undefined);
    if (wave === undefined || target.life !== 'active' || target.desired === undefined) continue;
    const list = members.get(wave);
    if (list) list.push(target);
    else members.set(wave, [target]);
  }
  return members;
}

function byName(a: RolloutTarget, b: RolloutTarget): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.clusterId - b.clusterId;
}

function firstMatch(target: RolloutTarget, facts: RolloutFacts, waves: readonly Wave[]): string | undefined {
  const cluster = { id: target.clusterId, name: target.name, labels: target.labels, values: {} };
  return waves.find(({ choice }) => choice === undefined || clusterMatches(choice, cluster, facts.groups))?.name;
}

interface Context {
  readonly facts: RolloutFacts;
  readonly memory: RolloutMemory;
  readonly members: Members;
}

function arrange(wave: Wave, { facts, memory, members }: Context): ArrangedWave {
  const started = memory.waves.find(({ name }) => name === wave.name);
  const list = members.get(wave.name) ?? [];
  if (started) return arrangeStarted(started, list);
  const { name } = wave;
  const rule = ruleOf(wave, facts.strategy);
  return { name, base: name, lone: false, rule, approvals: [], started: undefined, members: list };
}

function arrangeStarted(started: WaveMemory, members: readonly RolloutTarget[]): ArrangedWave {
  const { name, base, lone, rule } = started;
  return { name, base, lone, rule, approvals: [], started, members };
}

/**
 * When the first wave with changed targets is not the strategy's first, one of its targets goes alone and soaks the
 * longest soak of the strategy before the others follow.
 */
function sendOneAhead(waves: readonly ArrangedWave[], facts: RolloutFacts, memory: RolloutMemory): ArrangedWave[] {
  const first = waves.findIndex((wave) => wave.members.length > 0);
  const wave = waves[first];
  if (memory.waves.length > 0 || first <= 0 || wave === undefined) return [...waves];
  const scout =
    wave.members.find(canStart) ?? wave.members.find(({ sessionId }) => sessionId !== undefined) ?? wave.members[0];
  const soakMs = Math.max(...facts.strategy.waves.map((each) => each.soakMs));
  const rule: WaveRule = { ...wave.rule, soakMs, maxConcurrent: { count: 1 }, maxFailures: { count: 0 } };
  const lone = { ...wave, name: `${wave.name}:first`, lone: true, rule, members: scout ? [scout] : [] };
  const rest = { ...wave, members: wave.members.filter((target) => target !== scout) };
  return [...waves.slice(0, first), lone, rest, ...waves.slice(first + 1)];
}

function canStart({ sessionId, suspendedUntil, dependencies }: RolloutTarget): boolean {
  return sessionId !== undefined && suspendedUntil === 0 && dependencies.every(({ state }) => state === 'ready');
}

/** The approval of a wave without changed targets moves to the next that has some. */
function carryApprovals(waves: readonly ArrangedWave[], strategyWaves: readonly Wave[]): ArrangedWave[] {
  const required = new Set(strategyWaves.filter((wave) => wave.approval === 'required').map((wave) => wave.name));
  const carried = new Set<string>();
  return waves.map((wave) => {
    if (required.has(wave.base)) carried.add(wave.base);
    if (wave.members.length === 0) return wave;
    const approvals = [...carried];
    carried.clear();
    return { ...wave, approvals };
  });
}
