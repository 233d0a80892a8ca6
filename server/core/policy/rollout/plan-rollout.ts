import { describePeer, type WorkloadId } from '#core/identity/peer.ts';
import type { Certificate } from '../certificate.ts';
import { pathInCluster } from '../generate/policy-names.ts';
import type { HashText } from '../hash.ts';
import type { HoldOutRow } from '../holdout/hold-out.ts';
import { LOSS_KINDS } from '../holdout/hold-out.ts';
import { workloadsOf } from '../holdout/loss.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { NamespaceIsolation, Proposal, ProposedPolicy } from '../proposal.ts';
import { type DraftWave, joined, wavesOf } from './order-waves.ts';
import { PrefixCourt, type PrefixQuestion } from './prefix-court.ts';
import type { HeldOutLoss, RolloutPlan, RolloutPolicy, RolloutWave, ThinRule } from './rollout-plan.ts';
import { applyCommand, deleteCommands } from './shell.ts';
import { clientsOf, gradeOf, policyKey, trafficOf, unitsOf } from './units.ts';
import { evidenceOf, Walk, type WaveOutcome } from './walk.ts';

/** Lines of the hold-out that a wave repeats; the report has them all. */
const LINES_SHOWN = 5;

const policiesOfWave = ({
  units,
  isolation,
}: DraftWave): readonly (ProposedPolicy | NamespaceIsolation)[] => [
  ...units.flatMap(({ policies }) => policies),
  ...isolation,
];

const lossesOf = ({ holdOut }: Proposal): readonly HoldOutRow[] =>
  (holdOut?.rows ?? []).filter(({ kind }) => LOSS_KINDS.some((each) => each === kind));

interface Context {
  readonly proposal: Proposal;
  readonly hash: HashText;
  readonly clients: ReturnType<typeof clientsOf>;
}

function policyRow(owner: ProposedPolicy | NamespaceIsolation, { hash, clients }: Context): RolloutPolicy {
  const { name, namespace } = owner.policy.metadata;
  const row = { namespace: namespace ?? 'default', name, file: pathInCluster(owner, hash) };
  if (!('workload' in owner)) return { ...row, clients: 0 };
  const { workload: id } = owner;
  return {
    ...row,
    workload: describePeer({ kind: 'workload', id }),
    confidence: gradeOf(owner),
    clients: clients.get(id)?.size ?? 0,
  };
}

const thinRulesOf = (policy: ProposedPolicy): readonly ThinRule[] =>
  policy.reasons
    .filter(({ confidence }) => confidence > 'B')
    .map(({ direction, index, comment, confidence, parts }) => ({
      rule: `${policyKey(policy.policy)} ${direction}[${index}]`,
      admits: comment,
      confidence,
      needs: parts?.needs ?? '',
    }));

function heldOutLoss(rows: readonly HoldOutRow[], workloads: ReadonlySet<WorkloadId>): HeldOutLoss {
  const own = rows.filter((row) => row.workloads.some((id) => workloads.has(id)));
  return {
    edges: own.reduce((sum, { edges }) => sum + edges, 0),
    conversations: own.reduce((sum, { conversations }) => sum + conversations, 0),
    lines: own.slice(0, LINES_SHOWN).map(({ line }) => line),
  };
}

/** Walks the waves; one that would cut what the whole admits waits for the next, and both go together. */
function walked(
  waves: readonly DraftWave[],
  walkAnew: () => Walk,
): readonly (readonly [DraftWave, WaveOutcome])[] {
  const walk = walkAnew();
  const done: (readonly [DraftWave, WaveOutcome])[] = [];
  for (const [index, wave] of waves.entries()) {
    const outcome = walk.add(policiesOfWave(wave).map(({ policy }) => policy));
    const next = waves[index + 1];
    if (outcome.judged.cutMidway.length > 0 && next !== undefined) {
      const merged = [...waves.slice(0, index), joined(wave, next), ...waves.slice(index + 2)];
      return walked(merged, walkAnew);
    }
    done.push([wave, outcome]);
  }
  return done;
}

function waveOf(
  [wave, outcome]: readonly [DraftWave, WaveOutcome],
  number: number,
  context: Context,
): RolloutWave {
  const policies = policiesOfWave(wave).map((owner) => policyRow(owner, context));
  const own = wave.units.flatMap((unit) => unit.policies);
  return {
    number,
    kinds: wave.kinds,
    isDoubtful: wave.units.some(({ isDoubtful }) => isDoubtful),
    policies,
    cuts: outcome.cuts,
    thinRules: own.flatMap(thinRulesOf),
    holdOut: heldOutLoss(lossesOf(context.proposal), new Set(own.map(({ workload }) => workload))),
    isolatesBlindly: outcome.isolatesBlindly,
    judged: outcome.judged,
    apply: [applyCommand(policies.map(({ file }) => file))],
    rollback: deleteCommands('networkpolicy', policies),
  };
}

/** Workloads whose policies would lose, or may lose, something that passes today. */
function doubtfulOf(proposal: Proposal): ReadonlySet<WorkloadId> {
  const stopped = proposal.certificate.conversations.filter(
    (edge) => !edge.admitted && edge.conversations > 0,
  );
  return new Set([
    ...lossesOf(proposal).flatMap(({ workloads }) => workloads),
    ...stopped.flatMap(workloadsOf),
  ]);
}

/** Policies that the certificate counts on and the proposal does not bring: they are in the cluster already, and stay. */
function standingPolicies({ world }: Certificate, own: readonly NetworkPolicy[]): readonly NetworkPolicy[] {
  const brought = new Set(own.map(policyKey));
  return world.policies.filter((policy) => !brought.has(policyKey(policy)));
}

/** Workloads of each namespace that no other policy closes: default deny is the first to. */
function unclosedByNamespace(
  court: PrefixCourt,
  own: ReadonlySet<NetworkPolicy>,
): ReadonlyMap<string, number> {
  const unclosed = new Map<string, Set<WorkloadId>>();
  for (const { pod, workload, selecting, isForeign } of court.standIns) {
    const isClosed = [...selecting.ingress, ...selecting.egress].some((policy) => own.has(policy));
    if (isForeign || isClosed) continue;
    unclosed.set(pod.namespace, (unclosed.get(pod.namespace) ?? new Set()).add(workload));
  }
  return new Map([...unclosed].map(([namespace, ids]) => [namespace, ids.size]));
}

/**
 * The waves in which a proposal can be applied: no prefix of them, judged by the literal evaluator, cuts a training
 * conversation that the whole admits. Of each wave it says what stops, what is closed without evidence, what is thinly
 * supported, and how to take it back. Equal proposals give equal plans.
 */
export function planRollout(proposal: Proposal, hash: HashText): RolloutPlan {
  const { certificate, policies, isolation, id } = proposal;
  const own = policies.map(({ policy }) => policy);
  const all = [...own, ...isolation.map(({ policy }) => policy)];
  const standing = standingPolicies(certificate, all);
  const court = new PrefixCourt(certificate, [...all, ...standing]);
  const clients = clientsOf(certificate.conversations);
  const { ingress, egress } = evidenceOf(certificate.conversations);
  const known = new Set([...ingress].filter((each) => egress.has(each)));
  const units = unitsOf(policies, {
    standIns: court.standIns,
    clients,
    traffic: trafficOf(certificate.conversations),
    doubtful: doubtfulOf(proposal),
    known,
  });
  const unclosed = unclosedByNamespace(court, new Set([...own, ...standing]));
  const waves = wavesOf(units, isolation, (namespace) => unclosed.get(namespace) ?? 0);
  const questions = certificate.conversations
    .map((edge) => court.questionOf(edge))
    .filter((question): question is PrefixQuestion => question !== undefined);
  const context = { proposal, hash, clients };
  const steps = walked(
    waves,
    () => new Walk(court, questions, { edges: certificate.conversations, standing }),
  );
  const planned = steps.map((step, index) => waveOf(step, index + 1, context));
  return {
    format: 'bulkhead.rollout/v1',
    cluster: certificate.scope.cluster,
    proposal: id,
    profile: certificate.profile,
    isSafe: planned.every(({ judged }) => judged.cutMidway.length === 0),
    unjudgedEdges: certificate.conversations.length - questions.length,
    waves: planned,
  };
}
