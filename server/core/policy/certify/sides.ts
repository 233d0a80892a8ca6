import { describePeer, ENTITIES, type Entity, type PeerKey, peerKey } from '#core/identity/peer.ts';
import { addressKey } from '../cell.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Endpoint } from '../world.ts';
import { type AddressAtom, addressAtoms } from './address-atoms.ts';
import { type CutBook, NO_CUTS, type SideCuts } from './cell-cuts.ts';
import { cidrsOf } from './policy-facts.ts';
import type { SeenCells } from './seen-cells.ts';
import type { StandIn } from './stand-ins.ts';

type Direction = 'ingress' | 'egress';

/** One end of a pair: who it is, and what is judged in its place. */
export interface Side {
  readonly place: PeerKey;
  readonly text: string;
  readonly endpoint: Endpoint;
  readonly selecting: readonly NetworkPolicy[];
  /** Of another cluster: open, whatever the policies here select. */
  readonly isForeign: boolean;
  readonly cuts: SideCuts;
}

/** The sides that one stand-in takes. */
export interface Seat {
  readonly standIn: StandIn;
  readonly client: Side;
  readonly server: Side;
  /** The server towards its own kind. */
  readonly twin: Side;
}

/** A node is told from its neighbours by nobody here; `world` is what the address atoms stand for. */
const OUTSIDE_ENTITIES: readonly Entity[] = ENTITIES.filter((entity) => entity !== 'world');

const NO_POLICIES: readonly NetworkPolicy[] = [];

const outsideSide = (place: PeerKey, text: string, endpoint: Endpoint): Side => ({
  ...{ place, text, endpoint },
  selecting: NO_POLICIES,
  isForeign: false,
  cuts: NO_CUTS,
});

const ENTITY_SIDES: readonly Side[] = OUTSIDE_ENTITIES.map((entity) =>
  outsideSide(peerKey({ kind: 'entity', entity }), entity, { kind: 'entity', entity }),
);

export function seatOf(standIn: StandIn, book: CutBook): Seat {
  const { place, pod, twin, isForeign, selecting } = standIn;
  const text = describePeer({ kind: 'workload', id: standIn.workload });
  const side = (direction: Direction): Side => ({
    ...{ place, text, isForeign },
    endpoint: { kind: 'pod', pod },
    selecting: selecting[direction],
    cuts: book.sideOf(selecting[direction], direction, direction === 'ingress' ? pod.namedPorts : []),
  });
  const server = side('ingress');
  return {
    standIn,
    client: side('egress'),
    server,
    twin: { ...server, endpoint: { kind: 'pod', pod: twin } },
  };
}

/** Everything outside that could be told apart in one direction of one pod. */
export class OutsideSides {
  private readonly seen: SeenCells;
  private readonly known = new Map<string, readonly Side[]>();

  constructor(seen: SeenCells) {
    this.seen = seen;
  }

  of(standIn: StandIn, direction: Direction): readonly Side[] {
    const blocks = standIn.selecting[direction].flatMap((policy) => cidrsOf(policy, direction));
    const cidrs = [...new Set([...blocks, ...this.seen.cidrsOf(standIn.place, direction)])];
    const key = cidrs.sort().join(' ');
    const sides = this.known.get(key) ?? [...addressAtoms(cidrs).map(addressSide), ...ENTITY_SIDES];
    this.known.set(key, sides);
    return sides;
  }
}

function addressSide({ ip, cidr, text }: AddressAtom): Side {
  const host = addressKey(ip);
  const place = host === `cidr:${cidr}` ? host : peerKey({ kind: 'cidr', cidr });
  return outsideSide(place, text, { kind: 'address', ip });
}
