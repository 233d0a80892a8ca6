import { describePeer, ENTITIES, type Entity, type PeerKey, peerKey } from '#core/identity/peer.ts';
import { addressKey, pairKey } from '../cell.ts';
import type { PortInterval } from '../certificate.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { DirectionVerdict, Verdict } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Endpoint, PolicyProtocol, World } from '../world.ts';
import { addressAtoms } from './address-atoms.ts';
import { cidrsOf, portCuts } from './policy-facts.ts';
import { intervalsOf, POLICY_PROTOCOLS } from './port-intervals.ts';
import type { SeenCells } from './seen-cells.ts';
import { type Court, type StandIn, standInsOf, worldWith } from './stand-ins.ts';

/** How far the judge has come; `total` is known from the start. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** An interval of ports that policies admit between two places. */
export interface AdmittedPorts {
  readonly from: PeerKey;
  readonly to: PeerKey;
  readonly fromText: string;
  readonly toText: string;
  readonly ports: PortInterval;
  /** The rules that let it through, as `namespace/policy egress[0]`. */
  readonly admittedBy: readonly string[];
}

export interface CellJudgement {
  readonly admitted: readonly AdmittedPorts[];
  /** Questions put to the judge. */
  readonly cellsJudged: number;
  readonly standIns: readonly StandIn[];
}

/** One end of a pair: who it is, and what is judged in its place. */
interface Side {
  readonly place: PeerKey;
  readonly text: string;
  readonly endpoint: Endpoint;
  readonly selecting: readonly NetworkPolicy[];
}

/** A node is told from its neighbours by nobody here; `world` is what the address atoms stand for. */
const OUTSIDE_ENTITIES: readonly Entity[] = ENTITIES.filter((entity) => entity !== 'world');

const NO_POLICIES: readonly NetworkPolicy[] = [];

const podSide = (standIn: StandIn, direction: 'ingress' | 'egress', pod = standIn.pod): Side => ({
  place: standIn.place,
  text: describePeer({ kind: 'workload', id: standIn.workload }),
  endpoint: { kind: 'pod', pod },
  selecting: standIn.selecting[direction],
});

const ENTITY_SIDES: readonly Side[] = OUTSIDE_ENTITIES.map((entity) => ({
  place: peerKey({ kind: 'entity', entity }),
  text: entity,
  endpoint: { kind: 'entity', entity },
  selecting: NO_POLICIES,
}));

/** Everything outside that could be told apart in one direction of one pod. */
function outsideOf(standIn: StandIn, direction: 'ingress' | 'egress', seen: SeenCells): readonly Side[] {
  const blocks = standIn.selecting[direction].flatMap((policy) => cidrsOf(policy, direction));
  const atoms = addressAtoms([...blocks, ...seen.cidrsOf(standIn.place, direction)]);
  const addresses = atoms.map(({ ip, cidr, text }): Side => {
    const host = addressKey(ip);
    const place = host === `cidr:${cidr}` ? host : peerKey({ kind: 'cidr', cidr });
    return { place, text, endpoint: { kind: 'address', ip }, selecting: NO_POLICIES };
  });
  return [...addresses, ...ENTITY_SIDES];
}

const blameOf = (verdict: DirectionVerdict, policies: readonly NetworkPolicy[]): readonly string[] =>
  verdict.allowedBy.map(({ policy, rule }) => {
    const { namespace, name } = policies[policy]?.metadata ?? { name: '?' };
    return `${namespace ?? 'default'}/${name} ${verdict.direction}[${rule}]`;
  });

/** A direction that no policy isolates is open: there is no rule to blame, which is worth saying of a pod. */
function openNotes(verdict: Verdict, from: Side, to: Side): readonly string[] {
  const notes: string[] = [];
  if (from.endpoint.kind === 'pod' && !verdict.egress.isolated) notes.push(`${from.text} egress is open`);
  if (to.endpoint.kind === 'pod' && !verdict.ingress.isolated) notes.push(`${to.text} ingress is open`);
  return notes;
}

/** The judging of all cells, pair by pair. */
class Session {
  readonly admitted: AdmittedPorts[] = [];
  cellsJudged = 0;
  private readonly court: Court;
  private readonly seen: SeenCells;
  private readonly cuts = new Map<NetworkPolicy, Map<string, readonly number[]>>();

  constructor(court: Court, seen: SeenCells) {
    this.court = court;
    this.seen = seen;
  }

  judgePair(from: Side, to: Side): void {
    const policies = [...new Set([...from.selecting, ...to.selecting])];
    const world = worldWith(this.court, policies);
    for (const protocol of POLICY_PROTOCOLS) {
      for (const ports of intervalsOf(protocol, this.cutsFor(from, to, protocol))) {
        this.judgeCell({ from, to, ports, world });
      }
    }
  }

  private cutsFor(from: Side, to: Side, protocol: PolicyProtocol): Set<number> {
    const cuts = new Set<number>(this.seen.cutsOf(pairKey(from.place, to.place), protocol));
    for (const policy of from.selecting)
      for (const cut of this.cutsOf(policy, 'egress', protocol)) cuts.add(cut);
    for (const policy of to.selecting)
      for (const cut of this.cutsOf(policy, 'ingress', protocol)) cuts.add(cut);
    const named = to.endpoint.kind === 'pod' ? to.endpoint.pod.namedPorts : [];
    for (const { port } of named) cuts.add(port).add(port + 1);
    return cuts;
  }

  private cutsOf(
    policy: NetworkPolicy,
    side: 'ingress' | 'egress',
    protocol: PolicyProtocol,
  ): readonly number[] {
    const known = this.cuts.get(policy) ?? new Map<string, readonly number[]>();
    this.cuts.set(policy, known);
    const key = `${side} ${protocol}`;
    const cuts = known.get(key) ?? portCuts(policy, side, protocol);
    known.set(key, cuts);
    return cuts;
  }

  private judgeCell({
    from,
    to,
    ports,
    world,
  }: {
    from: Side;
    to: Side;
    ports: PortInterval;
    world: World;
  }): void {
    const { protocol, from: port } = ports;
    const verdict = evaluate(
      world,
      { from: from.endpoint, to: to.endpoint, protocol, port },
      this.court.profile,
    );
    this.cellsJudged += 1;
    // What no policy can forbid (a node to its own pods) is no policy's doing either.
    if (!verdict.allowed || verdict.reason !== 'policy') return;
    const rules = [...blameOf(verdict.egress, world.policies), ...blameOf(verdict.ingress, world.policies)];
    const admittedBy = [...rules, ...openNotes(verdict, from, to)];
    this.admitted.push({
      from: from.place,
      to: to.place,
      fromText: from.text,
      toText: to.text,
      ports,
      admittedBy,
    });
  }
}

function judgeOutside(session: Session, standIn: StandIn, seen: SeenCells): void {
  const [client, server] = [podSide(standIn, 'egress'), podSide(standIn, 'ingress')];
  for (const outside of outsideOf(standIn, 'egress', seen)) session.judgePair(client, outside);
  for (const outside of outsideOf(standIn, 'ingress', seen)) session.judgePair(outside, server);
}

/**
 * Asks the judge about every cell of the universe: pods of the scope with all pods seen, both ways, and with
 * everything outside, over each protocol and each interval of ports within which no policy changes its word.
 */
export function* judgeCells(court: Court, seen: SeenCells): Generator<Progress, CellJudgement> {
  const standIns = standInsOf(court);
  const session = new Session(court, seen);
  const total = standIns.length;
  for (const [done, from] of standIns.entries()) {
    yield { done, total };
    const client = podSide(from, 'egress');
    for (const to of standIns) {
      if (!from.inScope && !to.inScope) continue;
      session.judgePair(client, podSide(to, 'ingress', from === to ? to.twin : to.pod));
    }
    if (from.inScope) judgeOutside(session, from, seen);
  }
  yield { done: total, total };
  return { admitted: session.admitted, cellsJudged: session.cellsJudged, standIns };
}
