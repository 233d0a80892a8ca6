import type { PeerKey } from '#core/identity/peer.ts';
import { parseWorkloadId, peerKey, type WorkloadId } from '#core/identity/peer.ts';
import { type CellEdge, cellsOf } from '../cell.ts';
import { isPlaceInside } from '../certify/place-inside.ts';
import { portText } from './compress/peer-row.ts';
import type { PlacePorts, Side } from './compress/side.ts';
import type { Neighbourhood } from './compress/widening.ts';
import type { Inhabitant } from './inhabitants.ts';

type PortsByPlace = Map<PeerKey, Set<string>>;

/** What was tried and not accepted, by the side that would have to allow it. */
function forbiddenBySide(edges: readonly CellEdge[]): ReadonlyMap<string, PortsByPlace> {
  const sides = new Map<string, PortsByPlace>();
  const forbid = (side: string, place: PeerKey, port: string): void => {
    const places = sides.get(side) ?? new Map<PeerKey, Set<string>>();
    sides.set(side, places.set(place, (places.get(place) ?? new Set<string>()).add(port)));
  };
  for (const cell of edges.flatMap(cellsOf)) {
    const port = portText(cell);
    forbid(`egress ${cell.from}`, cell.to, port);
    forbid(`ingress ${cell.to}`, cell.from, port);
  }
  return sides;
}

/** Who lives where, and what no budget may buy: everything that was seen and not accepted. */
export function neighbourhoodOf(
  inhabitants: ReadonlyMap<WorkloadId, Inhabitant>,
  unaccepted: readonly CellEdge[],
): Neighbourhood {
  const byNamespace = new Map<string, Inhabitant[]>();
  for (const each of inhabitants.values()) {
    const { namespace } = parseWorkloadId(each.id);
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), each]);
  }
  const forbidden = forbiddenBySide(unaccepted);
  const isForbidden = ({ subject, direction }: Side, { place, ports }: PlacePorts): boolean => {
    const places = forbidden.get(`${direction} ${peerKey({ kind: 'workload', id: subject })}`) ?? new Map();
    for (const [other, tried] of places) {
      if (isPlaceInside(other, place) && [...ports].some((port) => tried.has(port))) return true;
    }
    return false;
  };
  return {
    inNamespace: (namespace) => byNamespace.get(namespace) ?? [],
    inhabitantOf: (id) => inhabitants.get(id),
    isForbidden,
  };
}
