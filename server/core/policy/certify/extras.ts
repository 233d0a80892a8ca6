import { compareText, sortedText } from '#core/order.ts';
import { cellKey, pairKey } from '../cell.ts';
import type { Extra, NotAdmittedReason, PortInterval } from '../certificate.ts';
import type { PolicyProtocol } from '../world.ts';
import type { AdmittedPorts } from './judge-cells.ts';
import { sizeOf } from './port-intervals.ts';
import type { SeenCells } from './seen-cells.ts';

/** What explains an admitted cell that was not seen. */
interface ExtraContext {
  readonly seen: SeenCells;
  /** Why cells were admitted on purpose, by key. */
  readonly declared: ReadonlyMap<string, string>;
  /** Seen, but not accepted; by cell. */
  readonly unaccepted: ReadonlyMap<string, NotAdmittedReason>;
  /** The sentence about ports that a budget of extras bought; undefined for others. */
  readonly budgeted: (at: AdmittedPorts) => string | undefined;
  /** Sentences about places that share their selector with others, by place. */
  readonly collisions: ReadonlyMap<string, string>;
}

export interface ExtraJudgement {
  readonly extras: readonly Extra[];
  /** Admitted cells that were seen, and those that were not; an interval counts each of its ports. */
  readonly seenCells: number;
  readonly extraCells: number;
}

type Why = Pick<Extra, 'kind' | 'why'>;

function whyOf(at: AdmittedPorts, key: string, context: ExtraContext): Why {
  const unaccepted = context.unaccepted.get(key);
  if (unaccepted !== undefined) return { kind: 'surprise', why: `Seen, but not accepted (${unaccepted}).` };
  const declared = context.declared.get(key);
  if (declared !== undefined) return { kind: 'declared', why: declared };
  const budgeted = context.budgeted(at);
  if (budgeted !== undefined) return { kind: 'budgeted', why: budgeted };
  const collision = context.collisions.get(at.from) ?? context.collisions.get(at.to);
  if (collision !== undefined) return { kind: 'collision', why: collision };
  const isOpen = at.admittedBy.some((rule) => rule.endsWith(' is open'));
  return {
    kind: 'surprise',
    why: isOpen ? 'An end that no policy isolates is open to it.' : 'The rules admit it together.',
  };
}

/** The same ports of the same pair may be admitted for several kinds of pods of one workload: cut them alike first. */
function cutAlike(group: readonly AdmittedPorts[]): readonly AdmittedPorts[] {
  if (group.length < 2) return group;
  const starts = [...new Set(group.flatMap(({ ports }) => [ports.from, ports.to + 1]))].sort((a, b) => a - b);
  const pieces = new Map<number, AdmittedPorts>();
  for (const each of group) {
    for (const [index, from] of starts.entries()) {
      const to = (starts[index + 1] ?? from + 1) - 1;
      if (from < each.ports.from || to > each.ports.to) continue;
      const known = pieces.get(from)?.admittedBy ?? [];
      const admittedBy = sortedText(new Set([...known, ...each.admittedBy]));
      pieces.set(from, { ...each, ports: { ...each.ports, from, to }, admittedBy });
    }
  }
  return [...pieces.values()].sort((a, b) => a.ports.from - b.ports.from);
}

const sameRun = (a: Extra, b: Extra): boolean =>
  a.ports.to + 1 === b.ports.from &&
  a.why === b.why &&
  a.kind === b.kind &&
  a.admittedBy.join('\n') === b.admittedBy.join('\n');

/** Joins neighbouring intervals that have the same rules and the same reason. */
function joined(extras: readonly Extra[]): readonly Extra[] {
  const runs: Extra[] = [];
  for (const extra of extras) {
    const last = runs.at(-1);
    if (last === undefined || !sameRun(last, extra)) runs.push(extra);
    else runs[runs.length - 1] = { ...last, ports: { ...last.ports, to: extra.ports.to } };
  }
  return runs;
}

function grouped(admitted: readonly AdmittedPorts[]): ReadonlyMap<string, AdmittedPorts[]> {
  const groups = new Map<string, AdmittedPorts[]>();
  for (const each of admitted) {
    const key = `${pairKey(each.from, each.to)}|${each.ports.protocol}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [each]);
    else known.push(each);
  }
  return groups;
}

const seenKeyOf = ({ from, to, ports }: AdmittedPorts): string | undefined =>
  ports.from === ports.to ? cellKey({ from, to, protocol: ports.protocol, port: ports.from }) : undefined;

const orderOf = ({ from, to, ports }: Extra): string => `${from}>${to}|${ports.protocol}`;

/** Splits what is admitted into what was seen and the extras, each with the rules to blame. */
export function extrasOf(admitted: readonly AdmittedPorts[], context: ExtraContext): ExtraJudgement {
  const extras: Extra[] = [];
  let seenCells = 0;
  let extraCells = 0;
  for (const group of grouped(admitted).values()) {
    const unseen: Extra[] = [];
    for (const each of cutAlike(group)) {
      const key = seenKeyOf(each);
      if (key !== undefined && context.seen.has(key)) {
        seenCells += 1;
        continue;
      }
      extraCells += sizeOf(each.ports);
      const { fromText, toText, ports, admittedBy } = each;
      unseen.push({ from: fromText, to: toText, ports, admittedBy, ...whyOf(each, key ?? '', context) });
    }
    extras.push(...joined(unseen));
  }
  extras.sort((a, b) => compareText(orderOf(a), orderOf(b)) || a.ports.from - b.ports.from);
  return { extras, seenCells, extraCells };
}

/** True when each port of the interval lies in one of the others. */
export function isCovered(ports: PortInterval, others: readonly PortInterval[]): boolean {
  let next = ports.from;
  for (const { from, to } of [...others].sort((a, b) => a.from - b.from)) {
    if (from <= next && next <= to) next = to + 1;
  }
  return next > ports.to;
}

/** From, to and protocol of an extra: what listed and found extras are compared by. */
export const extraKey = (extra: { from: string; to: string; ports: { protocol: PolicyProtocol } }): string =>
  `${extra.from}>${extra.to}|${extra.ports.protocol}`;
