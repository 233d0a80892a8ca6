import { formatInstant } from '#core/flow/time.ts';
import { describePorts } from '#core/policy/connections/port-set.ts';
import {
  CHANGE_CLASSES,
  type ChangeClass,
  type ChangeReason,
  type DirectionReason,
  type DirectionSaid,
  type WeighedChange,
} from '#core/policy/diff/connection-change.ts';
import { mainClassOf, type PolicyDiff } from '#core/policy/diff/policy-diff.ts';
import type { PolicyDirection } from '#core/policy/literal/verdict.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import { type DiffShown, totalsOf } from '../app/policy-questions/answers/diff.ts';
import { placedName, ruleText, type Sources } from '../app/policy-questions/placed-policies.ts';
import { plural } from './terminal.ts';

/** `1 204 conversations would break; last 2026-03-02T08:00:00.000Z`; undefined when nothing was seen. */
export function trafficText({ traffic }: WeighedChange): string | undefined {
  if (traffic === undefined || traffic.lastSeenAt === undefined) return undefined;
  const { broken, closed, opened, isAtMost, lastSeenAt } = traffic;
  const counted = (count: number, what: string): readonly string[] =>
    count === 0 ? [] : [`${isAtMost ? 'at most ' : ''}${plural(count, 'conversation')} ${what}`];
  const told = [
    ...counted(broken, 'would break'),
    ...counted(closed - broken, 'seen on what is closed now'),
    ...counted(opened, 'denied so far on what is open now'),
  ];
  return `${told.join(', ')}; last ${formatInstant(lastSeenAt)}`;
}

/** What a change is besides; that what breaks is tightened goes without saying. */
export const alsoText = ({ classes }: WeighedChange): string => {
  const also = classes.slice(1).filter((each) => classes[0] !== 'breaks-observed' || each !== 'tightened');
  return also.length === 0 ? '' : ` (${also.join(', ')} too)`;
};

const namesText = (policies: readonly NetworkPolicy[], sources: Sources): string =>
  policies.map((policy) => placedName(policy, sources)).join(', ');

/** `ingress denied: shop/db (db.yaml:3) isolates it, and no rule allows it`. */
export function deniedText(
  direction: PolicyDirection,
  isolatedBy: readonly NetworkPolicy[],
  sources: Sources,
): string {
  return `${direction} denied: ${namesText(isolatedBy, sources)} isolate${isolatedBy.length === 1 ? 's' : ''} it, and no rule allows it`;
}

interface Told {
  readonly said: DirectionSaid;
  readonly direction: PolicyDirection;
  readonly sources: Sources;
}

/** What one world says in one direction, a clause each. */
function clauses({ said, direction, sources }: Told): readonly string[] {
  if (said.decision === 'open') return [`${direction} open: no policy isolates it`];
  if (said.decision === 'denied') return [deniedText(direction, said.isolatedBy, sources)];
  return said.allowedBy.map((rule) => `${direction} allowed by ${ruleText({ ...rule, direction }, sources)}`);
}

function directionLines(
  reason: ChangeReason,
  { sources }: Pick<DiffShown, 'sources'>,
  which: 'before' | 'after',
): readonly string[] {
  const own = which === 'before' ? sources.old : sources.new;
  const told = reason.directions.flatMap((each: DirectionReason) => {
    const said = each[which];
    return said === undefined ? [] : clauses({ said, direction: each.direction, sources: own });
  });
  const word = which === 'before' ? 'old' : 'new';
  return told.map((clause) => `${word}: ${clause}`);
}

/** The policies responsible for a change, those of the old world first, one line each. */
export function reasonLines(change: WeighedChange, shown: Pick<DiffShown, 'sources'>): readonly string[] {
  const isOne = change.reasons.length === 1 && change.unexplained.length === 0;
  const lines = change.reasons.flatMap((reason) => {
    const own = [...directionLines(reason, shown, 'before'), ...directionLines(reason, shown, 'after')];
    if (isOne) return own;
    return [`${reason.effect} ${describePorts(reason.ports)}:`, ...own.map((line) => `  ${line}`)];
  });
  const rest = change.unexplained;
  return rest.length === 0 ? lines : [...lines, `not looked into: ${describePorts(rest)}`];
}

/** Changes that have the same meaning for the same reasons. */
export interface ChangeGroup {
  readonly main: ChangeClass;
  readonly changes: readonly WeighedChange[];
  readonly reasons: readonly string[];
}

/** In the order of their first changes, which are the most important ones. */
export function groupsOf(shown: Pick<DiffShown, 'diff' | 'sources'>): readonly ChangeGroup[] {
  const groups = new Map<
    string,
    { main: ChangeClass; changes: WeighedChange[]; reasons: readonly string[] }
  >();
  for (const change of shown.diff.changes) {
    const main = mainClassOf(change);
    const reasons = reasonLines(change, shown);
    const key = JSON.stringify([main, reasons]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { main, changes: [change], reasons });
    else known.changes.push(change);
  }
  return [...groups.values()];
}

const TOTAL_WORDS: Readonly<Record<ChangeClass, string>> = {
  'breaks-observed': 'observed connection breaks',
  widened: 'widened',
  tightened: 'tightened',
  neutral: 'neutral',
};

/** `2 observed connections break, 1 widened, 3 tightened`. */
export function totalsText(diff: PolicyDiff): string {
  const totals = totalsOf(diff);
  const told = CHANGE_CLASSES.filter((each) => totals[each] > 0).map((each) => {
    const count = totals[each];
    const words = each === 'breaks-observed' && count > 1 ? 'observed connections break' : TOTAL_WORDS[each];
    return `${count} ${words}`;
  });
  return told.length === 0 ? 'no connection changes' : told.join(', ');
}

/** How many changes each policy is responsible for, by `namespace/name`. */
export function namedCounts(
  { changes }: PolicyDiff,
  idOf: (policy: NetworkPolicy) => string,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { reasons } of changes) {
    const policies = reasons.flatMap(({ directions }) =>
      directions.flatMap(({ before, after }) => [before, after].flatMap(policiesOf)),
    );
    for (const id of new Set(policies.map(idOf))) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

const policiesOf = (said: DirectionSaid | undefined): readonly NetworkPolicy[] =>
  said === undefined ? [] : [...said.isolatedBy, ...said.allowedBy.map(({ policy }) => policy)];
