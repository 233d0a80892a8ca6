import { isInScope, type Scope } from '#core/baseline/training-window.ts';
import type { ProposalAnswer } from '#core/finding/finding.ts';
import type { Edge, EdgeEnds } from '#core/graph/edge.ts';
import { type Peer, parseWorkloadId } from '#core/identity/peer.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { certifiedWorldOf } from '#core/policy/certify/certified-world.ts';
import { pairsBetween } from '#core/policy/edge-endpoints.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import type { Verdict } from '#core/policy/literal/verdict.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { scopedWorld } from '#core/policy/scoped-world.ts';
import type { CniProfile, PolicyProtocol, World, WorldPod } from '#core/policy/world.ts';

/** An edge's ends; a name stands for the addresses that were seen behind it. */
type Asked = EdgeEnds & { readonly addresses?: Edge['addresses'] };

const PROTOCOLS: ReadonlySet<string> = new Set(['TCP', 'UDP', 'SCTP']);
/** Replicas differ in little but their name: a few of them, and each kind of labels, answer for all. */
const PODS_ASKED = 8;

interface Court {
  readonly world: World;
  readonly podsByWorkload: ReadonlyMap<string, readonly WorldPod[]>;
  readonly scope: Scope;
  readonly profile: CniProfile;
}

/** Everybody seen; a namespace that two clusters have is meant as the scope's cluster has it. */
function residentsOf(seen: SeenWorld, scope: Scope): SeenWorld {
  const own = scopedWorld({ world: seen, scope, edges: new Map() });
  const isElsewhere = ({ cluster }: { readonly cluster: string }): boolean => cluster !== scope.cluster;
  const taken = new Set([
    ...own.namespaces.map(({ name }) => name),
    ...own.pods.map(({ namespace }) => namespace),
  ]);
  const namespaces = seen.namespaces.filter((each) => isElsewhere(each) && !taken.has(each.name));
  return {
    ...own,
    pods: [...own.pods, ...seen.pods.filter(isElsewhere)],
    namespaces: [...own.namespaces, ...namespaces],
  };
}

function courtOf(proposal: Proposal, seen: SeenWorld): Court {
  const { certificate, policies, isolation } = proposal;
  const profile = profileNamed(certificate.profile);
  const certified = certifiedWorldOf(residentsOf(seen, certificate.scope), profile);
  const podsByWorkload = new Map<string, WorldPod[]>();
  for (const [index, pod] of certified.pods.entries()) {
    const workload = certified.owners[index]?.workload ?? '';
    const pods = podsByWorkload.get(workload) ?? [];
    podsByWorkload.set(workload, pods);
    if (pods.length < PODS_ASKED) pods.push(pod);
  }
  const all = [...policies, ...isolation].map(({ policy }) => policy);
  const world = { namespaces: certified.namespaces, pods: certified.pods, policies: all };
  return { world, podsByWorkload, scope: certificate.scope, profile };
}

const isCovered = (peer: Peer, scope: Scope): boolean =>
  peer.kind === 'workload' && isInScope(scope, peer.id);

/** Of another cluster: whatever its namespace and labels, the proposal is not applied there. */
const isForeign = (peer: Peer, scope: Scope): boolean =>
  peer.kind === 'workload' && parseWorkloadId(peer.id).cluster !== scope.cluster;

function isAllowed(verdict: Verdict, { from, to }: EdgeEnds, scope: Scope): boolean {
  if (verdict.reason !== 'policy') return verdict.allowed;
  return (
    (verdict.egress.allowed || isForeign(from, scope)) && (verdict.ingress.allowed || isForeign(to, scope))
  );
}

/**
 * Answers, by the literal evaluator, whether a proposal would admit traffic in the world as it is now. Traffic counts
 * as admitted when any pod of one end may reach any pod of the other.
 */
export function judgeProposal(proposal: Proposal, seen: SeenWorld): (ends: Asked) => ProposalAnswer {
  const court = courtOf(proposal, seen);
  return (asked) => {
    const { from, to, protocol, port } = asked;
    if (!isCovered(from, court.scope) && !isCovered(to, court.scope)) return 'not-covered';
    if (!PROTOCOLS.has(protocol) || typeof port !== 'number') return 'not-covered';
    const addresses = [...(asked.addresses?.keys() ?? [])];
    const pairs = pairsBetween({ from, to, addresses }, (id) => court.podsByWorkload.get(id) ?? []);
    if (pairs.length === 0) return 'not-covered';
    const isAdmitted = pairs.some((pair) => {
      const connection = { ...pair, protocol: protocol as PolicyProtocol, port };
      return isAllowed(evaluate(court.world, connection, court.profile), asked, court.scope);
    });
    return isAdmitted ? 'would-admit' : 'would-block';
  };
}
