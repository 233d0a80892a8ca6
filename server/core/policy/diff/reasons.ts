import type { PortInterval } from '../certificate.ts';
import { policyId } from '../certify/content-hash.ts';
import { describeEnd } from '../connections/connectivity.ts';
import { joinPorts, type PortSet, portSetOf, withoutPorts } from '../connections/port-set.ts';
import type { DirectionVerdict, PolicyDirection } from '../literal/verdict.ts';
import type { BothWorlds } from './both-worlds.ts';
import type { ChangeReason, ConnectionChange, DirectionReason, DirectionSaid } from './connection-change.ts';
import type { Finding, Witness } from './witness.ts';

/** Parts of one change whose reasons are looked for; a change of more parts than this is one of everything. */
const MOST_PARTS = 24;

const DIRECTIONS: readonly PolicyDirection[] = ['egress', 'ingress'];

function saidIn({ world, verdict }: Finding, direction: PolicyDirection): DirectionSaid {
  const own: DirectionVerdict = verdict[direction];
  const policiesAt = (indexes: readonly number[]) =>
    indexes.map((index) => world.policies[index]).filter((policy) => policy !== undefined);
  const decision = !own.isolated ? 'open' : own.allowed ? 'allowed' : 'denied';
  return {
    decision,
    isolatedBy: policiesAt(own.selecting),
    allowedBy: own.allowedBy.flatMap(({ policy, rule }) =>
      policiesAt([policy]).map((named) => ({ policy: named, rule })),
    ),
  };
}

const isOpenOf = (said: DirectionSaid | undefined): boolean | undefined => said && said.decision !== 'denied';

/** Both directions, or, where each world says something, only those that made the difference. */
function directionsOf(before: Finding | undefined, after: Finding | undefined): readonly DirectionReason[] {
  const all = DIRECTIONS.map((direction) => ({
    direction,
    before: before && saidIn(before, direction),
    after: after && saidIn(after, direction),
  }));
  if (before === undefined || after === undefined) return all;
  const responsible = all.filter((each) => isOpenOf(each.before) !== isOpenOf(each.after));
  return responsible.length > 0 ? responsible : all;
}

function keyOf(directions: readonly DirectionReason[]): string {
  const said = (each: DirectionSaid | undefined): unknown =>
    each && [
      each.decision,
      each.isolatedBy.map(policyId),
      each.allowedBy.map(({ policy, rule }) => [policyId(policy), rule]),
    ];
  return JSON.stringify(
    directions.map(({ direction, before, after }) => [direction, said(before), said(after)]),
  );
}

/** One text for reasons that are the same, whatever ports they are about. */
export const reasonKey = ({ effect, directions }: ChangeReason): string => `${effect} ${keyOf(directions)}`;

export interface Explained {
  readonly reasons: readonly ChangeReason[];
  readonly unexplained: PortSet;
}

/** One of each world. */
export type Witnesses = Readonly<Record<'old' | 'new', Witness>>;

/** Looks for the policies that are responsible for changes. Work grows with classes of pods of the two ends. */
export class ReasonFinder {
  private readonly witnesses: Witnesses;
  private readonly worlds: BothWorlds;

  constructor(worlds: BothWorlds, witnesses: Witnesses) {
    this.worlds = worlds;
    this.witnesses = witnesses;
  }

  explain(change: ConnectionChange): Explained {
    const opened = this.parts(change, change.opened);
    const closed = this.parts(change, change.closed);
    const asked = [
      ...opened.map((part) => ({ effect: 'opened' as const, part })),
      ...closed.map((part) => ({ effect: 'closed' as const, part })),
    ].slice(0, MOST_PARTS);
    const found = new Map<string, ChangeReason>();
    for (const { effect, part } of asked) {
      const directions = this.directionsAt(change, effect, part);
      const key = `${effect} ${keyOf(directions)}`;
      const ports = joinPorts(found.get(key)?.ports ?? [], [part]);
      found.set(key, { effect, ports, directions });
    }
    const explained = portSetOf(asked.map(({ part }) => part));
    const unexplained = withoutPorts(joinPorts(change.opened, change.closed), explained);
    return { reasons: [...found.values()], unexplained };
  }

  /** The ports cut where a policy of either world changes its word. */
  private parts(change: ConnectionChange, ports: PortSet): readonly PortInterval[] {
    const { old, new: later } = this.witnesses;
    const cuts = [...old.cutsBetween(change), ...later.cutsBetween(change)];
    return ports.flatMap((whole) => {
      const inside = cuts.filter(
        ({ protocol, from: start }) => protocol === whole.protocol && start > whole.from && start <= whole.to,
      );
      const starts = [...new Set([whole.from, ...inside.map((cut) => cut.from)])].sort((a, b) => a - b);
      return starts.map((start, index) => ({
        protocol: whole.protocol,
        from: start,
        to: (starts[index + 1] ?? whole.to + 1) - 1,
      }));
    });
  }

  private directionsAt(
    change: ConnectionChange,
    effect: ChangeReason['effect'],
    part: PortInterval,
  ): readonly DirectionReason[] {
    const isOpening = effect === 'opened';
    const byPolicy = isOpening ? change.openedByPolicy : change.closedByPolicy;
    const isPolicy = byPolicy.some(
      (each) => each.protocol === part.protocol && each.from <= part.from && part.from <= each.to,
    );
    // A world that an end is not in has a say only where its policies would have differed.
    const asks = (which: 'old' | 'new'): boolean => isPolicy || this.isWhole(change, which);
    const before = asks('old') ? this.witnesses.old.find(change, part, !isOpening) : undefined;
    const after = asks('new') ? this.witnesses.new.find(change, part, isOpening) : undefined;
    return directionsOf(before, after);
  }

  private isWhole({ from, to }: ConnectionChange, which: 'old' | 'new'): boolean {
    const { present } = this.worlds[which];
    return [from, to].every((end) => end.kind === 'external' || present.has(describeEnd(end)));
  }
}
