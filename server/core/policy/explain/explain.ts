import { evaluate } from '../literal/evaluate.ts';
import type { DirectionVerdict, Doubt, PolicyDirection, RuleRef, Verdict } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, Connection, PolicyProtocol, World } from '../world.ts';
import type { AskedEnd } from './asked-end.ts';
import { type NearMiss, nearestRule } from './near-miss.ts';
import type { CheckedEnd } from './patch.ts';
import { podEnd } from './patch.ts';
import { type PatchAnswer, type PatchEnd, planPatch } from './plan-patch.ts';
import { oneOfEach, podView } from './pod-view.ts';
import { type Population, SelectorBook } from './population.ts';

/**
 * What one direction says: `open` when no policy isolates the end, `ungoverned` when none can (it is no pod with a
 * network of its own, or of another cluster).
 */
export type Decision = 'allowed' | 'denied' | 'open' | 'ungoverned';

export interface ExplainedDirection {
  readonly direction: PolicyDirection;
  readonly decision: Decision;
  /** Indexes in `world.policies`, of those that isolate the end. */
  readonly isolatedBy: readonly number[];
  /** Every rule that allows it. */
  readonly allowedBy: readonly RuleRef[];
  /** Set when denied, unless no rule comes near. */
  readonly nearest: NearMiss | undefined;
  readonly doubts: readonly Doubt[];
}

/** One connection, judged by the literal evaluator, with its reasons. */
export interface ExplainedConnection {
  readonly allowed: boolean;
  readonly verdict: Verdict;
  readonly egress: ExplainedDirection;
  readonly ingress: ExplainedDirection;
}

/** Which ends are of another cluster. */
export interface ForeignEnds {
  readonly from: boolean;
  readonly to: boolean;
}

export interface ConnectionQuestion {
  readonly world: World;
  readonly connection: Connection;
  readonly profile: CniProfile;
  readonly foreign?: ForeignEnds;
}

function decisionOf(verdict: DirectionVerdict, connection: Connection, isForeign: boolean): Decision {
  const end = verdict.direction === 'egress' ? connection.from : connection.to;
  if (isForeign || end.kind !== 'pod' || end.pod.hostNetwork) return 'ungoverned';
  if (!verdict.isolated) return 'open';
  return verdict.allowed ? 'allowed' : 'denied';
}

/** Explains the verdict on one connection. */
export function explainConnection(question: ConnectionQuestion): ExplainedConnection {
  const { world, connection, profile } = question;
  const foreign = question.foreign ?? { from: false, to: false };
  const verdict = evaluate(world, connection, profile);
  const explained = (own: DirectionVerdict, isForeign: boolean): ExplainedDirection => {
    const decision = decisionOf(own, connection, isForeign);
    const isDenied = decision === 'denied';
    const denied = { world, connection, profile, family: verdict.family, verdict: own };
    return {
      direction: own.direction,
      decision,
      isolatedBy: isForeign ? [] : own.selecting,
      allowedBy: isForeign ? [] : own.allowedBy,
      nearest: isDenied ? nearestRule(denied) : undefined,
      doubts: own.doubts,
    };
  };
  const egress = explained(verdict.egress, foreign.from);
  const ingress = explained(verdict.ingress, foreign.to);
  const isOpen = egress.decision !== 'denied' && ingress.decision !== 'denied';
  return { allowed: verdict.reason === 'policy' ? isOpen : verdict.allowed, verdict, egress, ingress };
}

export interface ExplainRequest {
  readonly population: Population;
  readonly policies: readonly NetworkPolicy[];
  readonly profile: CniProfile;
  readonly from: AskedEnd;
  readonly to: AskedEnd;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** Pairs of ends that the policies treat alike, spoken for by one. */
export interface ExplainedCase {
  readonly from: CheckedEnd;
  readonly to: CheckedEnd;
  /** Names of the two that speak for it, e.g. `shop/cart-7d9c5b6f4-x2x4z`. */
  readonly fromName: string;
  readonly toName: string;
  readonly explained: ExplainedConnection;
}

export interface Explanation {
  /** `some`: it depends on which of their pods or addresses are meant. */
  readonly answer: 'allowed' | 'denied' | 'some';
  /** What was judged; indexes into its policies name them. */
  readonly world: World;
  /** Denied ones first. */
  readonly cases: readonly ExplainedCase[];
  /** Undefined when nothing is denied. */
  readonly patch: PatchAnswer | undefined;
}

const nameOf = ({ endpoint, text }: CheckedEnd): string =>
  endpoint.kind === 'pod' ? `${endpoint.pod.namespace}/${endpoint.pod.name}` : text;

function endsOf(end: AskedEnd, keyOf: (end: CheckedEnd) => string): readonly CheckedEnd[] {
  if (end.kind === 'pods') return oneOfEach(end.residents.map(podEnd), keyOf);
  return end.endpoints.map(({ text, endpoint }) => ({ text, endpoint, owner: end.text, isForeign: false }));
}

function patchEnd(asked: AskedEnd, ends: readonly CheckedEnd[]): PatchEnd {
  if (asked.kind === 'outside') {
    const endpoints = asked.endpoints.map(({ endpoint }) => endpoint);
    return { peer: { kind: 'outside', endpoints, block: asked.block }, ends };
  }
  const [resident] = asked.residents;
  return {
    peer: resident === undefined ? { kind: 'outside', endpoints: [] } : { kind: 'workload', resident },
    ends,
  };
}

const isSamePod = (a: CheckedEnd, b: CheckedEnd): boolean => nameOf(a) === nameOf(b);

/** Replicas talk with each other; only who names one pod twice means that pod. */
function pairUp(request: ExplainRequest, from: readonly CheckedEnd[], to: readonly CheckedEnd[]) {
  const { from: askedFrom, to: askedTo } = request;
  const isOne =
    askedFrom.kind === 'pods' && askedTo.kind === 'pods' && !askedFrom.isWorkload && !askedTo.isWorkload;
  return from.flatMap((client) =>
    to.map((server) => {
      const { endpoint } = server;
      if (isOne || endpoint.kind !== 'pod' || !isSamePod(client, server)) return { from: client, to: server };
      const twin = { ...endpoint.pod, name: `${endpoint.pod.name}-twin` };
      return { from: client, to: { ...server, endpoint: { kind: 'pod' as const, pod: twin } } };
    }),
  );
}

/** What two cases must share to be told as one. */
function signatureOf({ allowed, verdict, egress, ingress }: ExplainedConnection): string {
  const of = ({ decision, isolatedBy, allowedBy, nearest }: ExplainedDirection): unknown => [
    decision,
    isolatedBy,
    allowedBy,
    nearest,
  ];
  return JSON.stringify([allowed, verdict.reason, of(egress), of(ingress)]);
}

/** Says whether one end may open a connection to another, by which rules, and if not, what is missing. */
export function explain(request: ExplainRequest): Explanation {
  const { population, policies, profile, protocol, port } = request;
  const world: World = {
    namespaces: population.namespaces,
    pods: population.residents.map(({ pod }) => pod),
    policies,
  };
  const view = podView(policies, profile);
  const keyOf = ({ endpoint, owner }: CheckedEnd): string =>
    endpoint.kind === 'pod' ? `${owner} ${view(endpoint.pod)}` : JSON.stringify(endpoint);
  const from = endsOf(request.from, keyOf);
  const to = endsOf(request.to, keyOf);
  const pairs = pairUp(request, from, to);
  const judged = pairs.map((pair): ExplainedCase => {
    const connection = { from: pair.from.endpoint, to: pair.to.endpoint, protocol, port };
    const foreign = { from: pair.from.isForeign, to: pair.to.isForeign };
    const explained = explainConnection({ world, connection, profile, foreign });
    return { ...pair, fromName: nameOf(pair.from), toName: nameOf(pair.to), explained };
  });
  const cases = oneOfEach(judged, ({ explained }) => signatureOf(explained));
  const denied = cases.filter(({ explained }) => !explained.allowed);
  const allowed = cases.filter(({ explained }) => explained.allowed);
  const answer = denied.length === 0 ? 'allowed' : allowed.length === 0 ? 'denied' : 'some';
  const patch =
    denied.length === 0
      ? undefined
      : planPatch({
          world,
          profile,
          population,
          book: new SelectorBook(population),
          from: patchEnd(request.from, from),
          to: patchEnd(request.to, to),
          protocol,
          port,
          pairs,
        });
  return { answer, world, cases: [...denied, ...allowed], patch };
}
