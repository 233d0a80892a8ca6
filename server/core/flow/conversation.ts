import { type DnsName, parseDnsName } from '#core/identity/names.ts';
import { addBounded, NAMED_LIMITS, setBounded, tallyBounded } from './bounded.ts';
import { addEvidence, type DirectionEvidence, type End, mergeEvidence, noEvidence } from './direction.ts';
import { type DecidingPolicy, type Flow, type FlowEndpoint, isPolicyDenial, type Protocol } from './flow.ts';
import { compareFlows } from './flow-order.ts';
import { type EpochMs, MINUTE_MS, minuteOf } from './time.ts';

/** What was seen of a conversation within one minute; bits only ever get set. */
export const SEEN = {
  opened: 1,
  fromA: 2,
  fromB: 4,
  resetByA: 8,
  resetByB: 16,
  forwarded: 32,
  redirected: 64,
  audited: 128,
  denied: 256,
  failed: 512,
  atSource: 1024,
  atDestination: 2048,
} as const;

/** Bits of {@link SEEN} of the minute that begins at `at`. */
export interface SeenMinute {
  readonly at: EpochMs;
  bits: number;
}

/** One end of a conversation: the fullest description any report gave of it. */
export interface ConversationEnd {
  endpoint: FlowEndpoint;
  /** Valid DNS names of its address. */
  names: Set<DnsName>;
}

/**
 * One connection with all its reports merged: several points of the data path, two nodes, two directions, verdict and
 * drop, and L7. Every field is a sum, a union, a minimum or a maximum, so that reports may come in any order.
 */
export interface Conversation {
  readonly protocol: Protocol;
  readonly a: ConversationEnd;
  readonly b: ConversationEnd;
  readonly evidence: DirectionEvidence;
  /** One entry for each minute in which it was seen, in no order. */
  readonly minutes: SeenMinute[];
  firstAt: EpochMs;
  lastAt: EpochMs;
  sample: Flow;
  methods: Map<string, number>;
  paths: Map<string, number>;
  dnsNames: Map<string, number>;
  allowedBy: Map<string, DecidingPolicy>;
  deniedBy: Map<string, DecidingPolicy>;
  services: Set<string>;
  /** True when only ICMP errors or other messages about another connection were seen. */
  isMessageOnly: boolean;
  /** True when the L7 proxy took it over: the proxy then opens a second connection on its behalf. */
  isProxied: boolean;
  /** Observations that the source had already merged into this one; 0 for a live conversation. */
  readonly aggregated: number;
}

/** How much an endpoint's description says: a pod beats a label set, which beats an entity, which beats an address. */
function weight(endpoint: FlowEndpoint): number {
  if (endpoint.pod !== undefined) return endpoint.workloads.length > 0 ? 5 : 4;
  if (endpoint.namespace !== undefined && endpoint.labels.size > 0) return 3;
  return endpoint.entities.length > 0 ? 2 : 1;
}

const isAlike = (a: FlowEndpoint, b: FlowEndpoint): boolean =>
  a.pod === b.pod && a.namespace === b.namespace && a.cluster === b.cluster && a.identity === b.identity;

const described = (endpoint: FlowEndpoint): string =>
  `${endpoint.cluster ?? ''}/${endpoint.namespace ?? ''}/${endpoint.pod ?? ''}/${endpoint.identity ?? ''}`;

/** The fuller of two descriptions; of equals the one that sorts last, so that order never matters. */
function fuller(a: FlowEndpoint, b: FlowEndpoint): FlowEndpoint {
  if (a === b) return a;
  const difference = weight(a) - weight(b);
  if (difference !== 0) return difference > 0 ? a : b;
  if (isAlike(a, b)) return a;
  return described(a) >= described(b) ? a : b;
}

const ANSWER_TYPES = new Set([0, 8, 128, 129]);
const isIcmp = (flow: Flow): boolean => flow.protocol === 'ICMPv4' || flow.protocol === 'ICMPv6';
const isIcmpMessage = (flow: Flow): boolean => isIcmp(flow) && !ANSWER_TYPES.has(flow.icmpType ?? 0);

const VERDICT_BITS: Readonly<Record<string, number>> = {
  forwarded: SEEN.forwarded,
  redirected: SEEN.redirected,
  audit: SEEN.audited,
  error: SEEN.failed,
};

/** A drop speaks about policy when its reason says so, or when a policy verdict or the L7 proxy gave it. */
function verdictBits(flow: Flow): number {
  if (flow.verdict !== 'dropped') return VERDICT_BITS[flow.verdict] ?? 0;
  const isUnnamedDenial =
    flow.dropReason === undefined && (flow.kind === 'policy-verdict' || flow.kind === 'l7');
  return isPolicyDenial(flow) || isUnnamedDenial ? SEEN.denied : SEEN.failed;
}

const DIRECTION_BITS = { egress: SEEN.atSource, ingress: SEEN.atDestination, unknown: 0 } as const;

function bitsOf(flow: Flow, sender: End): number {
  const verdict = verdictBits(flow);
  let bits = verdict | DIRECTION_BITS[flow.direction];
  const isFirst =
    (flow.tcpFlags?.syn === true && !flow.tcpFlags.ack) || flow.isNew || flow.kind === 'policy-verdict';
  if (isFirst) bits |= SEEN.opened;
  const hasPassed = (verdict & (SEEN.denied | SEEN.failed)) === 0;
  if (flow.tcpFlags?.rst === true) bits |= sender === 'a' ? SEEN.resetByA : SEEN.resetByB;
  else if (hasPassed) bits |= sender === 'a' ? SEEN.fromA : SEEN.fromB;
  return bits;
}

/**
 * Most conversations carry no names, policies or L7, and their empty collections would be most of a table's memory:
 * all share these, which are never written to, until there is something to add.
 */
const NO_NAMES = new Set<DnsName>();
const NO_TEXTS = new Set<string>();
const NO_TALLY = new Map<string, number>();
const NO_POLICIES = new Map<string, DecidingPolicy>();

/** Sets hold one value more than an edge keeps, so that the edge sees that there were more. */
const ONE_MORE = 1;

function withName(names: Set<DnsName>, text: string): Set<DnsName> {
  if (names.has(text as DnsName)) return names; // a name that is there was parsed before
  const name = parseDnsName(text);
  if (name === undefined) return names;
  if (names === NO_NAMES) return new Set([name]);
  addBounded(names, name, NAMED_LIMITS.names + ONE_MORE);
  return names;
}

function withService(services: Set<string>, service: string): Set<string> {
  if (services === NO_TEXTS) return new Set([service]);
  addBounded(services, service, NAMED_LIMITS.services + ONE_MORE);
  return services;
}

type TallyName = 'methods' | 'paths' | 'dnsNames';

function addCount(
  conversation: Conversation,
  which: TallyName,
  [key, count]: readonly [string, number],
): void {
  if (conversation[which] === NO_TALLY) conversation[which] = new Map();
  const limit = which === 'dnsNames' ? NAMED_LIMITS.dnsNames : NAMED_LIMITS.paths;
  tallyBounded(conversation[which], key, { count, limit });
}

const policyKey = (policy: DecidingPolicy): string => `${policy.kind}/${policy.namespace}/${policy.name}`;

function addPolicy(
  conversation: Conversation,
  which: 'allowedBy' | 'deniedBy',
  policy: DecidingPolicy,
): void {
  if (conversation[which] === NO_POLICIES) conversation[which] = new Map();
  const limit = NAMED_LIMITS.policies + ONE_MORE;
  setBounded(conversation[which], policyKey(policy), { value: policy, limit });
}

/** L7 records come twice, as request and as response; the request is counted. */
function addL7(conversation: Conversation, flow: Flow): void {
  if (flow.l7 === undefined || flow.l7.kind === 'response') return;
  const { http, dns } = flow.l7;
  if (http !== undefined) {
    addCount(conversation, 'methods', [http.method, 1]);
    addCount(conversation, 'paths', [http.path, 1]);
  }
  if (dns !== undefined) addCount(conversation, 'dnsNames', [dns.query, 1]);
}

function addNamed(conversation: Conversation, flow: Flow): void {
  for (const policy of flow.allowedBy) addPolicy(conversation, 'allowedBy', policy);
  for (const policy of flow.deniedBy) addPolicy(conversation, 'deniedBy', policy);
  const { service } = flow;
  if (service === undefined) return;
  conversation.services = withService(conversation.services, `${service.namespace}/${service.name}`);
}

/** A conversation to which no flow was added yet; `a` and `b` are the flow's ends in the order of their addresses. */
export function openConversation(flow: Flow, a: FlowEndpoint, b: FlowEndpoint): Conversation {
  return {
    protocol: flow.protocol,
    a: { endpoint: a, names: NO_NAMES },
    b: { endpoint: b, names: NO_NAMES },
    evidence: noEvidence(),
    minutes: [{ at: minuteOf(flow.at), bits: 0 }],
    firstAt: flow.at,
    lastAt: flow.at,
    sample: flow,
    methods: NO_TALLY,
    paths: NO_TALLY,
    dnsNames: NO_TALLY,
    allowedBy: NO_POLICIES,
    deniedBy: NO_POLICIES,
    services: NO_TEXTS,
    isMessageOnly: true,
    isProxied: false,
    aggregated: flow.isAggregate ? flow.count : 0,
  };
}

function addMinute(minutes: SeenMinute[], at: EpochMs, bits: number): void {
  const known = minutes.findLast((minute) => minute.at === at);
  if (known === undefined) minutes.push({ at, bits });
  else known.bits |= bits;
}

function describeEnd(end: ConversationEnd, endpoint: FlowEndpoint): void {
  end.endpoint = fuller(end.endpoint, endpoint);
  for (const name of endpoint.names) end.names = withName(end.names, name);
}

/** Adds one report of a conversation, sent by its end `sender`. */
export function addFlow(conversation: Conversation, flow: Flow, sender: End): void {
  const [a, b] = sender === 'a' ? [flow.source, flow.destination] : [flow.destination, flow.source];
  describeEnd(conversation.a, a);
  describeEnd(conversation.b, b);
  if (flow.at < conversation.firstAt) conversation.firstAt = flow.at;
  if (flow.at > conversation.lastAt) conversation.lastAt = flow.at;
  if (compareFlows(flow, conversation.sample) < 0) conversation.sample = flow;
  if (!isIcmpMessage(flow)) conversation.isMessageOnly = false;
  if (flow.verdict === 'redirected' || flow.kind === 'l7') conversation.isProxied = true;
  addMinute(conversation.minutes, minuteOf(flow.at), bitsOf(flow, sender));
  addEvidence(conversation.evidence, flow, sender);
  addL7(conversation, flow);
  addNamed(conversation, flow);
}

function joinEnd(into: ConversationEnd, end: ConversationEnd): void {
  into.endpoint = fuller(into.endpoint, end.endpoint);
  for (const name of end.names) into.names = withName(into.names, name);
}

/** Adds all reports of one conversation to another that turned out to be the same connection. */
export function joinConversation(into: Conversation, other: Conversation): void {
  joinEnd(into.a, other.a);
  joinEnd(into.b, other.b);
  mergeEvidence(into.evidence, other.evidence);
  for (const { at, bits } of other.minutes) addMinute(into.minutes, at, bits);
  into.firstAt = Math.min(into.firstAt, other.firstAt);
  into.lastAt = Math.max(into.lastAt, other.lastAt);
  if (compareFlows(other.sample, into.sample) < 0) into.sample = other.sample;
  for (const which of ['methods', 'paths', 'dnsNames'] as const) {
    for (const entry of other[which]) addCount(into, which, entry);
  }
  for (const which of ['allowedBy', 'deniedBy'] as const) {
    for (const policy of other[which].values()) addPolicy(into, which, policy);
  }
  for (const service of other.services) into.services = withService(into.services, service);
  into.isMessageOnly &&= other.isMessageOnly;
  into.isProxied ||= other.isProxied;
}

/** A conversation's minutes, split where a new connection reused the same addresses and ports. */
export interface Exchange {
  readonly minutes: readonly EpochMs[];
  /** Union of the bits of its minutes. */
  readonly bits: number;
}

/** Splits at each minute in which a first packet was seen, unless the minute before had one too (one handshake). */
export function exchangesOf(conversation: Conversation): readonly Exchange[] {
  const exchanges: { minutes: EpochMs[]; bits: number }[] = [];
  let lastOpenedAt = Number.NEGATIVE_INFINITY;
  for (const { at: minute, bits } of conversation.minutes.toSorted((x, y) => x.at - y.at)) {
    const isOpening = (bits & SEEN.opened) !== 0;
    const current = exchanges.at(-1);
    const isReuse = isOpening && Number.isFinite(lastOpenedAt) && minute - lastOpenedAt > MINUTE_MS;
    if (isOpening) lastOpenedAt = minute;
    if (current === undefined || isReuse) exchanges.push({ minutes: [minute], bits });
    else {
      current.minutes.push(minute);
      current.bits |= bits;
    }
  }
  return exchanges;
}
