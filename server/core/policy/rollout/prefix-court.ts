import { groupedBy } from '#core/identity/multi-index.ts';
import type { Peer, WorkloadId } from '#core/identity/peer.ts';
import { isPolicyProtocol } from '../cell.ts';
import type { Certificate, JudgedEdge } from '../certificate.ts';
import { type StandIn, standInsOf } from '../certify/stand-ins.ts';
import { endpointsOf } from '../edge-endpoints.ts';
import { evaluate } from '../literal/evaluate.ts';
import { profileNamed } from '../literal/profiles.ts';
import type { Verdict } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, Connection, Endpoint, World } from '../world.ts';

/** A training edge with everybody who may have carried it, and the policies that can have a say. */
export interface PrefixQuestion {
  readonly edge: JudgedEdge;
  readonly pairs: readonly Pick<Connection, 'from' | 'to'>[];
  readonly foreign: { readonly from: boolean; readonly to: boolean };
  /** Those that select an end in the direction it has there: no other policy can change the answer. */
  readonly relevant: readonly NetworkPolicy[];
}

/** A pod that the policies tell apart, and which of them close it. */
type Stands = ReadonlyMap<WorkloadId, readonly StandIn[]>;

const ANY_PORT = { protocol: 'TCP', port: 1 } as const;

const isForeign = (pods: readonly StandIn[]): boolean => pods.some((pod) => pod.isForeign);

/** Addresses folded beyond every budget are somewhere outside: no block names them, an open door lets them in. */
const outsideOf = (peer: Peer, addresses: readonly string[]): readonly Endpoint[] =>
  peer.kind === 'other-external' && addresses.length === 0
    ? [{ kind: 'entity', entity: 'world' }]
    : endpointsOf(peer, addresses, () => []);

/** Judges training conversations while only some of a proposal's policies are in the cluster. */
export class PrefixCourt {
  readonly standIns: readonly StandIn[];
  private readonly stands: Stands;
  private readonly profile: CniProfile;
  private readonly namespaces: World['namespaces'];

  /** `policies` are all that will ever be applied. Asks the judge once of each pod who selects it. */
  constructor({ world, owners, scope, profile }: Certificate, policies: readonly NetworkPolicy[]) {
    this.profile = profileNamed(profile);
    this.namespaces = world.namespaces;
    const certified = { namespaces: world.namespaces, pods: world.pods, owners };
    this.standIns = standInsOf({ certified, policies, scope, profile: this.profile });
    const groups = groupedBy(this.standIns, ({ workload }) => workload);
    this.stands = new Map(groups.flatMap((own) => (own[0] === undefined ? [] : [[own[0].workload, own]])));
  }

  /** Undefined when nobody is known who could have carried the edge. */
  questionOf(edge: JudgedEdge): PrefixQuestion | undefined {
    const [clients, servers] = [this.podsOf(edge.from), this.podsOf(edge.to)];
    const isSelf =
      edge.from.kind === 'workload' && edge.to.kind === 'workload' && edge.from.id === edge.to.id;
    const froms = this.endsOf(edge.from, edge, clients);
    // Replicas talk with each other, never with themselves.
    const tos = isSelf
      ? servers.map(({ twin }): Endpoint => ({ kind: 'pod', pod: twin }))
      : this.endsOf(edge.to, edge, servers);
    const pairs = froms.flatMap((from) => tos.map((to) => ({ from, to })));
    if (pairs.length === 0) return undefined;
    const relevant = new Set([
      ...clients.flatMap(({ selecting }) => selecting.egress),
      ...servers.flatMap(({ selecting }) => selecting.ingress),
    ]);
    const foreign = { from: isForeign(clients), to: isForeign(servers) };
    return { edge, pairs, foreign, relevant: [...relevant] };
  }

  /** True when every way in which the ends could have made the connection passes with these policies alone. */
  passes({ edge, pairs, foreign, relevant }: PrefixQuestion, applied: ReadonlySet<NetworkPolicy>): boolean {
    const policies = relevant.filter((policy) => applied.has(policy));
    const world: World = { namespaces: this.namespaces, pods: [], policies };
    const { protocol, port } = edge;
    return pairs.every((ends) => {
      if (isPolicyProtocol(protocol) && typeof port === 'number' && edge.reason !== 'folded') {
        const verdict = evaluate(world, { ...ends, protocol, port }, this.profile);
        if (verdict.reason !== 'policy') return verdict.allowed;
        return (foreign.from || verdict.egress.allowed) && (foreign.to || verdict.ingress.allowed);
      }
      return isOpen(evaluate(world, { ...ends, ...ANY_PORT }, this.profile), foreign);
    });
  }

  private podsOf(peer: Peer): readonly StandIn[] {
    return peer.kind === 'workload' ? (this.stands.get(peer.id) ?? []) : [];
  }

  private endsOf(peer: Peer, edge: JudgedEdge, pods: readonly StandIn[]): readonly Endpoint[] {
    if (peer.kind !== 'workload') return outsideOf(peer, edge.addresses);
    return pods.map(({ pod }): Endpoint => ({ kind: 'pod', pod }));
  }
}

/** What names no single port, or a protocol that policies do not know, passes for certain only where nothing is closed. */
const isOpen = (verdict: Verdict, foreign: PrefixQuestion['foreign']): boolean =>
  verdict.reason === 'policy'
    ? (foreign.from || !verdict.egress.isolated) && (foreign.to || !verdict.ingress.isolated)
    : verdict.allowed;
