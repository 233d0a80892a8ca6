import type { Scope, TrainingWindow } from '#core/baseline/training-window.ts';
import type { DirectionProof } from '#core/flow/direction.ts';
import type { Protocol } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeKey, EdgePort } from '#core/graph/edge.ts';
import type { Peer, WorkloadId } from '#core/identity/peer.ts';
import type { NetworkName, World } from './world.ts';

/**
 * What a proposal admits beside what was seen, judged by the literal evaluator. Plain data: it is written as
 * `certificate.json`, and carries the world it was proven against, so that it can be checked again anywhere.
 */
export interface Certificate {
  readonly format: 'bulkhead.certificate/v1';
  readonly toolVersion: string;
  /** Hash over scope, window, edges, world and policies: equal inputs give an equal certificate. */
  readonly contentHash: string;
  readonly profile: NetworkName;
  readonly scope: Scope;
  readonly window: TrainingWindow;
  /** In words, then as figures: what "everything that could be admitted" means here. */
  readonly universe: Universe;
  readonly conversations: readonly JudgedEdge[];
  readonly extras: readonly Extra[];
  readonly totals: CertificateTotals;
  readonly blindSpots: BlindSpots;
  /** The pods that stand for everybody seen, and the policies that were judged. */
  readonly world: World;
  /** Which workload each pod of the world belongs to, in the order of the world's pods. */
  readonly owners: readonly PodOwner[];
  /** What would break without each rule, and how few there could be; absent in certificates of earlier versions. */
  readonly minimality?: Minimality;
  /** What a budget of extras was spent on; absent without one. */
  readonly budget?: BudgetReport;
}

/** `pod` is `namespace/name` of a pod of the world. */
export interface PodOwner {
  readonly pod: string;
  readonly workload: WorkloadId;
}

export interface Universe {
  readonly description: string;
  readonly pods: number;
  readonly peers: number;
  readonly portIntervals: readonly PortInterval[];
  readonly cidrAtoms: readonly string[];
  /** Questions put to the literal evaluator. */
  readonly cellsJudged: number;
  /**
   * Cells there are. The fast engine answered all of them, and the literal evaluator each that is admitted, besides
   * the sample. Absent where the literal evaluator was asked about every single one.
   */
  readonly cells?: number;
  /** Absent where no sample was needed. */
  readonly sample?: CellSample;
}

/** Cells that are not admitted, drawn at random: first a pair of ends, then one of its intervals of ports. */
export interface CellSample {
  readonly cells: number;
  /** Hexadecimal; the draw follows from it. */
  readonly seed: string;
}

/** Ports `from` to `to`, both inside, of one protocol. */
export interface PortInterval {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly from: number;
  readonly to: number;
}

/** Why a training edge is not admitted. */
export const NOT_ADMITTED_REASONS = [
  /** Host, remote-node, kube-apiserver or ingress: no field of networking.k8s.io/v1 matches them under Cilium. */
  'entity-not-expressible',
  /** ICMP and other protocols that NetworkPolicy does not know. */
  'protocol-not-expressible',
  'held-for-review',
  'rejected',
  /** More ports or addresses than the budget: the edge names no single one. */
  'folded',
  /** A peer for which no stable selector or address is known. */
  'peer-not-selectable',
  /** The evaluator denies what the generator meant to admit: a fault, shown as such. */
  'denied-by-evaluator',
] as const;
export type NotAdmittedReason = (typeof NOT_ADMITTED_REASONS)[number];

/** One training edge and the judge's answer. */
export interface JudgedEdge {
  readonly key: EdgeKey;
  /** `shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432`. */
  readonly line: string;
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: Protocol;
  readonly port: EdgePort;
  /** Addresses of an end outside the cluster, sorted; all of them must be admitted. */
  readonly addresses: readonly string[];
  /** Those that were not denied. */
  readonly conversations: number;
  /** True when the baseline accepts it on evidence that may carry a rule: only then it counts as seen. */
  readonly accepted: boolean;
  readonly admitted: boolean;
  readonly reason?: NotAdmittedReason;
  /** One sentence that says what to do, e.g. which Cilium entity would admit it. */
  readonly note?: string;
  /** Strongest proof of direction. */
  readonly proof: DirectionProof | 'none';
}

/** Why something is admitted that was never seen. */
export const EXTRA_KINDS = [
  /** The generator meant it: the half of DNS, over TCP or UDP, that was not seen. */
  'declared',
  /** A person granted a budget of extras to have fewer rules; {@link BudgetReport} says what it bought. */
  'budgeted',
  /** Labels that select one workload also select another, and no better ones are known. */
  'collision',
  /** Nobody meant it. */
  'surprise',
] as const;
export type ExtraKind = (typeof EXTRA_KINDS)[number];

/** A from–to–protocol–ports that is admitted but was never seen. */
export interface Extra {
  readonly from: string;
  readonly to: string;
  readonly ports: PortInterval;
  /** `namespace/policy egress[0]` and `namespace/policy ingress[1]`: the rules to blame. */
  readonly admittedBy: readonly string[];
  readonly kind: ExtraKind;
  readonly why: string;
}

/** How few rules do, and that each of these is needed. */
export interface Minimality {
  /** Each rule of each workload's policy, sorted by name. */
  readonly rules: readonly RuleNeed[];
  /** Rules without which nothing that was seen would break. */
  readonly redundant: number;
  readonly ruleCount: number;
  /** No set of rules with one policy a workload can do with fewer: the sum over directions of policies. */
  readonly atLeast: number;
  /** Directions of policies that have more rules than that. */
  readonly above: readonly RulesAbove[];
}

/** What would break without one rule. */
export interface RuleNeed {
  /** `shop/web-3f2a egress[0]`. */
  readonly rule: string;
  /** Training edges and conversations that only this rule lets through. */
  readonly edges: number;
  readonly conversations: number;
  /** For a rule without any: the rules that let the same through. */
  readonly backedBy: readonly string[];
}

export interface RulesAbove {
  readonly workload: WorkloadId;
  readonly direction: 'ingress' | 'egress';
  readonly rules: number;
  readonly atLeast: number;
}

/** Ways to put one peer in the place of several: by a label they share, by their namespace, by their prefix. */
export const WIDENING_KINDS = ['label', 'namespace', 'cidr'] as const;
export type WideningKind = (typeof WIDENING_KINDS)[number];

/** What a budget of extras bought, in the order in which it was spent. */
export interface BudgetReport {
  readonly maxExtra: number;
  readonly spent: number;
  readonly steps: readonly BudgetStep[];
}

/** One peer in the place of several. */
export interface BudgetStep {
  readonly workload: WorkloadId;
  readonly direction: 'ingress' | 'egress';
  readonly kind: WideningKind;
  /** `from pods of shop with tier=front (shop/api[Deployment], shop/web[Deployment])`. */
  readonly what: string;
  /** Rules and peers that a reader is spared. */
  readonly saved: number;
  /** From–to–port triples it admits that nobody saw; each address counts. */
  readonly extra: number;
  readonly admits: readonly { readonly peer: string; readonly ports: readonly string[] }[];
}

export interface CertificateTotals {
  readonly trainingEdges: number;
  readonly admittedEdges: number;
  readonly trainingConversations: number;
  readonly admittedConversations: number;
  /** Admitted ÷ seen training conversations, 0 to 1. */
  readonly coverage: number;
  /** Observed ÷ admitted from–to–port cells, 0 to 1; 1 admits nothing that was not seen. */
  readonly tightness: number;
  readonly extras: number;
  readonly policies: number;
  readonly rules: number;
  /** Ordered workload pairs that could talk on any port before (all), and under the proposal. */
  readonly pairsBefore: number;
  readonly pairsAfter: number;
}

export interface BlindSpots {
  readonly lostEvents: string;
  readonly undecidedConversations: number;
  readonly unresolvedConversations: number;
  readonly heldEdges: number;
  readonly rejectedEdges: number;
  readonly silentNodes: readonly string[];
  readonly closedEarly: number;
  readonly shedPods: number;
  readonly trainedFrom: EpochMs;
  readonly trainedUntil: EpochMs;
}
