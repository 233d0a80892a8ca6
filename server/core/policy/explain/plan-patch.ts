import { evaluate } from '../literal/evaluate.ts';
import { isAbsent } from '../literal/fault.ts';
import { isGoverned, peerMatches } from '../literal/peers.ts';
import { selectorMatches } from '../literal/selector.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy, NetworkPolicyPeer } from '../network-policy.ts';
import type { CniProfile, Connection, Endpoint, PolicyProtocol, World } from '../world.ts';
import { entriesOf } from './describe-rule.ts';
import { missingRule, type NoRuleReason, type PolicyRule, type RulePeer } from './missing-rule.ts';
import {
  alsoAllowed,
  type CheckedEnd,
  type Checking,
  isAllowedBetween,
  type Patch,
  type PatchPart,
  podEnd,
  withParts,
  withRule,
} from './patch.ts';
import { oneOfEach, podView } from './pod-view.ts';
import type { Population, Resident, SelectorBook } from './population.ts';

/** Why there is no patch. */
export type NoPatchReason = NoRuleReason | 'terminated';

export type PatchAnswer =
  | { readonly kind: 'patch'; readonly patch: Patch }
  | { readonly kind: 'none'; readonly reason: NoPatchReason; readonly note: string };

/** One end of what is to be allowed. */
export interface PatchEnd {
  readonly peer: RulePeer;
  /** Everybody who is meant. */
  readonly ends: readonly CheckedEnd[];
}

export interface PatchRequest {
  readonly world: World;
  readonly profile: CniProfile;
  readonly population: Population;
  readonly book: SelectorBook;
  readonly from: PatchEnd;
  readonly to: PatchEnd;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  /** Pairs that must be allowed in the end; all of them, denied before or not. */
  readonly pairs: readonly { readonly from: CheckedEnd; readonly to: CheckedEnd }[];
}

const ELSEWHERE: Endpoint = { kind: 'address', ip: '192.0.2.1' };

/** Ways that are tried out for a direction: each costs a check of everybody it may open. */
const MOST_CANDIDATES = 4;

/** The policies that isolate an end in a direction, by index. */
function isolating(
  end: CheckedEnd,
  direction: PolicyDirection,
  { world, profile }: PatchRequest,
): readonly number[] {
  const ends =
    direction === 'egress' ? { from: end.endpoint, to: ELSEWHERE } : { from: ELSEWHERE, to: end.endpoint };
  return evaluate(world, { ...ends, protocol: 'TCP', port: 1 }, profile)[direction].selecting;
}

const governs = (policy: NetworkPolicy, { pod, isForeign }: Resident, profile: CniProfile): boolean =>
  !isForeign &&
  isGoverned(pod, profile) &&
  (policy.metadata?.namespace ?? 'default') === pod.namespace &&
  (isAbsent(policy.spec?.podSelector) || selectorMatches(policy.spec.podSelector, pod.labels) === 'yes');

function freeName(wanted: string, { policies }: World, namespace: string): string {
  const taken = new Set(
    policies
      .filter((each) => (each.metadata?.namespace ?? 'default') === namespace)
      .map(({ metadata }) => metadata?.name),
  );
  if (!taken.has(wanted)) return wanted;
  for (let count = 2; ; count += 1) if (!taken.has(`${wanted}-${count}`)) return `${wanted}-${count}`;
}

const LONGEST_STEM = 200;

/** A policy of its own for the workload alone; undefined when no selector names it. */
function ownPolicy(
  resident: Resident,
  part: Pick<PatchPart, 'direction' | 'rule'>,
  request: PatchRequest,
): NetworkPolicy | undefined {
  const choice = request.book.choiceFor(resident);
  if (choice.kind === 'none') return undefined;
  const { direction, rule } = part;
  const { namespace } = resident;
  const stem = `${resident.name.slice(0, LONGEST_STEM)}-${direction}-${request.protocol.toLowerCase()}-${request.port}`;
  const name = freeName(stem, request.world, namespace);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector: choice.selector,
      policyTypes: [direction === 'egress' ? 'Egress' : 'Ingress'],
      [direction]: [rule],
    },
  };
}

interface Subject {
  readonly resident: Resident;
  readonly ends: readonly CheckedEnd[];
}

/** The ways to add a rule in one direction, the tightest first. */
function candidatesOf(
  subject: Subject,
  rule: PolicyRule,
  { direction, request }: Asking,
): readonly PatchPart[] {
  const { world, population, profile } = request;
  const { resident } = subject;
  const indexes = new Set(subject.ends.flatMap((end) => isolating(end, direction, request)));
  // A policy about everybody, such as default deny, is also about whoever comes later.
  const strangers = (policy: NetworkPolicy): number =>
    population.residents.filter((each) => each.owner !== resident.owner && governs(policy, each, profile))
      .length + (isAboutEverybody(policy) ? 1 : 0);
  const existing = [...indexes]
    .map((addTo) => ({ addTo, policy: world.policies[addTo] }))
    .flatMap(({ addTo, policy }) => {
      const patched = policy && withRule(policy, direction, rule);
      if (policy === undefined || patched === undefined) return [];
      return [{ strangers: strangers(policy), part: { direction, addTo, rule, policy: patched } }];
    })
    .sort((a, b) => a.strangers - b.strangers || a.part.addTo - b.part.addTo);
  const policy = ownPolicy(resident, { direction, rule }, request);
  const own: readonly PatchPart[] =
    policy === undefined || isolatesAnew(policy, direction, request)
      ? []
      : [{ direction, addTo: undefined, rule, policy }];
  const exact = existing.filter((each) => each.strangers === 0).map(({ part }) => part);
  const wide = existing.filter((each) => each.strangers > 0).map(({ part }) => part);
  return [...exact.slice(0, MOST_CANDIDATES), ...own, ...wide.slice(0, MOST_CANDIDATES)];
}

const isAboutEverybody = ({ spec }: NetworkPolicy): boolean => {
  const { matchLabels, matchExpressions } = spec?.podSelector ?? {};
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0;
};

/** A new policy must not close what was open: everybody it selects has to be isolated already. */
const isolatesAnew = (policy: NetworkPolicy, direction: PolicyDirection, request: PatchRequest): boolean =>
  request.population.residents.some(
    (each) =>
      governs(policy, each, request.profile) && isolating(podEnd(each), direction, request).length === 0,
  );

interface Asking {
  readonly direction: PolicyDirection;
  readonly request: PatchRequest;
}

/** The candidates for one direction; one empty way when the direction denies nothing. */
function waysFor(
  asking: Asking,
): readonly (PatchPart | undefined)[] | Extract<PatchAnswer, { kind: 'none' }> {
  const { direction, request } = asking;
  const [self, other] = direction === 'egress' ? [request.from, request.to] : [request.to, request.from];
  if (self.peer.kind !== 'workload' || !isDenied(direction, request)) return [undefined];
  const { resident } = self.peer;
  const { protocol, port, profile, book } = request;
  const wanted = {
    direction,
    namespace: resident.namespace,
    peer: other.peer,
    protocol,
    port,
    profile,
    book,
  };
  const missing = missingRule(wanted);
  if (missing.kind === 'none') return missing;
  return candidatesOf({ resident, ends: self.ends }, missing.rule, asking);
}

/** True when some pair fails in this direction. */
function isDenied(
  direction: PolicyDirection,
  { world, profile, protocol, port, pairs }: PatchRequest,
): boolean {
  return pairs.some(({ from, to }) => {
    if (direction === 'egress' ? from.isForeign : to.isForeign) return false;
    const verdict = evaluate(world, { from: from.endpoint, to: to.endpoint, protocol, port }, profile);
    return verdict.reason === 'policy' && !verdict[direction].allowed;
  });
}

/** Everybody a part of a patch may open to each other. */
function reachOf(part: PatchPart, request: PatchRequest) {
  const { direction, policy, rule } = part;
  const { world, profile, population } = request;
  const residents = population.residents;
  const other = direction === 'egress' ? request.to : request.from;
  const subjects = residents.filter((each) => governs(policy, each, profile)).map(podEnd);
  const peers = entriesOf<NetworkPolicyPeer>('to' in rule ? rule.to : (rule as { from?: unknown }).from);
  const policyNamespace = policy.metadata?.namespace ?? 'default';
  const isMet = (end: CheckedEnd): boolean =>
    peers.some(
      (peer) =>
        peerMatches(peer, {
          ...{ world, profile, policyNamespace, direction, family: undefined },
          other: end.endpoint,
        }) === 'yes',
    );
  const outside = other.peer.kind === 'outside' ? other.ends : [];
  const met = [...residents.map(podEnd), ...outside].filter(isMet);
  return direction === 'egress' ? { from: subjects, to: met } : { from: met, to: subjects };
}

const ownerOf = ({ ends }: PatchEnd): string => ends[0]?.owner ?? '';

function patchOf(parts: readonly PatchPart[], request: PatchRequest): Patch | undefined {
  const { profile, protocol, port } = request;
  const before: Checking = { world: request.world, profile, protocol, port };
  const after: Checking = { ...before, world: withParts(request.world, parts) };
  if (!request.pairs.every(({ from, to }) => isAllowedBetween(from, to, after))) return undefined;
  const view = podView(after.world.policies, profile);
  const keyOf = ({ owner, endpoint }: CheckedEnd): string =>
    `${owner} ${endpoint.kind === 'pod' ? view(endpoint.pod) : JSON.stringify(endpoint)}`;
  const asked = { from: ownerOf(request.from), to: ownerOf(request.to) };
  const checks = parts.map((part) => {
    const { from, to } = reachOf(part, request);
    return alsoAllowed({ from: oneOfEach(from, keyOf), to: oneOfEach(to, keyOf) }, asked, { before, after });
  });
  const also = new Map(
    checks.flatMap(({ alsoAllows }) => alsoAllows.map((each) => [`${each.from}>${each.to}`, each] as const)),
  );
  return {
    parts,
    alsoAllows: [...also.values()],
    pairsChecked: checks.reduce((sum, each) => sum + each.pairsChecked, 0),
  };
}

const hasEnded = ({ pairs, world, profile, protocol, port }: PatchRequest): boolean =>
  pairs.some(({ from, to }) => {
    const connection: Connection = { from: from.endpoint, to: to.endpoint, protocol, port };
    return evaluate(world, connection, profile).reason === 'terminated';
  });

type Ways = readonly (PatchPart | undefined)[];

/** The first patch that opens nothing else, or the one that opens least; undefined when none helps. */
function tightest(egress: Ways, ingress: Ways, request: PatchRequest): Patch | undefined {
  const combined = egress.flatMap((first) => ingress.map((second) => [first, second]));
  let best: Patch | undefined;
  for (const each of combined) {
    const parts = each.filter((part) => part !== undefined);
    const patch = patchOf(parts, request);
    if (patch?.alsoAllows.length === 0) return patch;
    if (best === undefined || (patch && patch.alsoAllows.length < best.alsoAllows.length)) best = patch;
  }
  return best;
}

/**
 * The smallest set of rules, at most one a direction, that allows what was denied. A rule goes into the policy that
 * governs nobody but the workload, else into one of its own, else into the policy that governs the fewest others; the
 * first that opens nothing else is taken, or the one that opens least. The literal evaluator confirms every word.
 */
export function planPatch(request: PatchRequest): PatchAnswer {
  if (hasEnded(request)) {
    return {
      kind: 'none',
      reason: 'terminated',
      note: 'A pod of it has ended: there is nothing to connect.',
    };
  }
  const egress = waysFor({ direction: 'egress', request });
  if ('kind' in egress) return egress;
  const ingress = waysFor({ direction: 'ingress', request });
  if ('kind' in ingress) return ingress;
  const patch = tightest(egress, ingress, request);
  if (patch !== undefined) return { kind: 'patch', patch };
  const note =
    'Its pods are governed by different policies, or by policies that are malformed: no one rule helps all.';
  return { kind: 'none', reason: 'no-rule-helps', note };
}
