import type { EpochMs } from '#core/flow/time.ts';
import { policyText } from '#core/policy/certify/content-hash.ts';
import type { LiveController, LiveObject } from './live-object.ts';

/** Something that was done to a cluster and may explain a change of its traffic. */
export type ClusterEvent = { readonly at: EpochMs; readonly namespace: string; readonly name: string } & (
  | {
      readonly type: 'rollout';
      readonly kind: string;
      readonly before: readonly string[];
      readonly after: readonly string[];
    }
  | {
      readonly type: 'scaled';
      readonly kind: string;
      readonly before: number;
      readonly after: number;
    }
  | {
      readonly type: 'rescheduled';
      readonly kind: string;
      readonly before: string;
      readonly after: string;
    }
  | { readonly type: 'workload-added' | 'workload-removed'; readonly kind: string }
  | { readonly type: 'policy-added' | 'policy-changed' | 'policy-removed' }
);

/** What others make or what comes and goes by itself: its owner has the event. */
const MADE_BY_OTHERS: ReadonlySet<string> = new Set(['ReplicaSet', 'Job']);

const isShown = ({ kind, owner }: LiveController): boolean =>
  owner === undefined && !MADE_BY_OTHERS.has(kind);

/** Events of a change from one state of an object to the next; an absent state is one that is not there. */
export function eventsOf(
  before: LiveObject | undefined,
  after: LiveObject | undefined,
  at: EpochMs,
): readonly ClusterEvent[] {
  const kind = after?.kind ?? before?.kind;
  if (kind === 'NetworkPolicy') return policyEvents(before, after, at);
  const [was, is] = [controllerOf(before), controllerOf(after)];
  const named = is ?? was;
  if (named === undefined || !isShown(named)) return [];
  const place = { at, namespace: named.namespace, name: named.name, kind: named.kind };
  if (was === undefined) return [{ ...place, type: 'workload-added' }];
  if (is === undefined) return [{ ...place, type: 'workload-removed' }];
  return changesOf(was, is, place);
}

const controllerOf = (object: LiveObject | undefined): LiveController | undefined =>
  object?.facts.type === 'controller' ? object.facts : undefined;

function changesOf(
  was: LiveController,
  is: LiveController,
  place: { readonly at: EpochMs; readonly namespace: string; readonly name: string; readonly kind: string },
): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  if (was.images.join(' ') !== is.images.join(' '))
    events.push({ ...place, type: 'rollout', before: was.images, after: is.images });
  if (was.replicas !== undefined && is.replicas !== undefined && was.replicas !== is.replicas)
    events.push({ ...place, type: 'scaled', before: was.replicas, after: is.replicas });
  if (was.schedule !== undefined && is.schedule !== undefined && was.schedule !== is.schedule)
    events.push({ ...place, type: 'rescheduled', before: was.schedule, after: is.schedule });
  return events;
}

function policyEvents(
  before: LiveObject | undefined,
  after: LiveObject | undefined,
  at: EpochMs,
): readonly ClusterEvent[] {
  const key = after?.key ?? before?.key ?? '';
  const slash = key.indexOf('/');
  const place = { at, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
  if (before === undefined) return [{ ...place, type: 'policy-added' }];
  if (after === undefined) return [{ ...place, type: 'policy-removed' }];
  return textOf(before) === textOf(after) ? [] : [{ ...place, type: 'policy-changed' }];
}

const textOf = ({ decoded }: LiveObject): string =>
  decoded?.type === 'policy' ? policyText(decoded.policy) : '';

/** The latest events, in the order in which they were learnt. */
export class EventLog {
  readonly #limit: number;
  #events: ClusterEvent[] = [];
  #dropped = 0;

  constructor(limit = 2000) {
    this.#limit = limit;
  }

  add(events: readonly ClusterEvent[]): void {
    if (events.length === 0) return;
    this.#events.push(...events);
    const over = this.#events.length - this.#limit;
    if (over <= 0) return;
    this.#events = this.#events.slice(over);
    this.#dropped += over;
  }

  all(): readonly ClusterEvent[] {
    return this.#events;
  }

  /** Earlier events that were let go. */
  get dropped(): number {
    return this.#dropped;
  }
}
