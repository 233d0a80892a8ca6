import { type AddressRange, elementaryRanges } from '../connections/address-range.ts';
import { hasPublicAddress, rangesOfCidrs, sharedRanges } from './address-ranges.ts';
import type { Door, DoorReach, Openness, PolicyReach } from './door.ts';
import { OPENNESS_LEVELS } from './door.ts';

/** A port with what policies say of it. */
export interface ReachedPort {
  readonly doors: readonly Door[];
  readonly reach: PolicyReach;
  /** `shop/web[Deployment]`. */
  readonly workload: string;
}

/** Everybody outside. */
export const EVERYWHERE: readonly AddressRange[] = elementaryRanges([]);

const FROM_OUTSIDE: ReadonlySet<Door['kind']> = new Set([
  'load-balancer',
  'external-ip',
  'node-port',
  'host-port',
  'host-network',
]);

function clientsOf(door: Door, { outside, isUngoverned }: PolicyReach): readonly AddressRange[] {
  if (!FROM_OUTSIDE.has(door.kind)) return [];
  const admitted = isUngoverned ? EVERYWHERE : outside;
  return door.clients.length === 0 ? admitted : sharedRanges(admitted, rangesOfCidrs(door.clients));
}

/** Workloads that are open to the internet themselves: an Ingress controller must be among them. */
export function frontsOf(ports: readonly ReachedPort[]): ReadonlySet<string> {
  const open = ports.filter(({ doors, reach }) =>
    doors.some((door) => hasPublicAddress(clientsOf(door, reach))),
  );
  return new Set(open.map(({ workload }) => workload));
}

function throughOf(door: Door, { inside }: PolicyReach, fronts: ReadonlySet<string>): readonly string[] {
  if (door.kind !== 'ingress' || inside.kind === 'nobody') return [];
  if (inside.kind === 'cluster') return [...fronts];
  return inside.workloads.filter((workload) => fronts.has(workload));
}

/** Who gets through each door of a port. */
export function doorReachesOf(
  { doors, reach, workload }: ReachedPort,
  fronts: ReadonlySet<string>,
): readonly DoorReach[] {
  return doors.map((door) => {
    const clients = clientsOf(door, reach);
    const through = throughOf(door, reach, fronts).filter((each) => each !== workload);
    const isOpenIngress = door.kind === 'ingress' && (through.length > 0 || isOpenInside(reach));
    return {
      door,
      clients,
      isPublic: hasPublicAddress(clients) || isOpenIngress,
      maskedAsNode: door.externalTrafficPolicy === 'Cluster',
      through,
    };
  });
}

/** Whoever runs the Ingress controller, it gets in. */
const isOpenInside = ({ inside, strangers, isUngoverned }: PolicyReach): boolean =>
  inside.kind === 'cluster' || strangers || isUngoverned;

/** A client taken for a node gets in at the pod's own node, whatever policies say. */
const BEHIND_NODES: ReadonlySet<Door['kind']> = new Set(['node-port', 'host-port', 'host-network']);

function opennessOfDoor({ door, clients, isPublic, maskedAsNode }: DoorReach): Openness {
  const isOfNode = BEHIND_NODES.has(door.kind);
  if (isPublic) return isOfNode ? 'node' : 'internet';
  if (maskedAsNode) return 'node';
  return clients.length > 0 ? 'outside' : 'nobody';
}

function opennessInside(reach: PolicyReach): Openness {
  if (isOpenInside(reach)) return 'cluster';
  return reach.inside.kind;
}

/** The widest way in. */
export function opennessOf(reach: PolicyReach, doors: readonly DoorReach[]): Openness {
  const found = new Set([...doors.map(opennessOfDoor), opennessInside(reach)]);
  return OPENNESS_LEVELS.find((each) => found.has(each)) ?? 'nobody';
}
