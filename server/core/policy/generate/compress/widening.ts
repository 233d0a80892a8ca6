import { describePeer, type PeerKey, parseWorkloadId, peerKey } from '#core/identity/peer.ts';
import { sortedBy, sortedText } from '#core/order.ts';
import type { WideningKind } from '../../certificate.ts';
import type { NetworkPolicyPeer } from '../../network-policy.ts';
import type { Inhabitant } from '../inhabitants.ts';
import { isVersionKey, type Label, stableLabels } from '../stable-labels.ts';
import { blockWidenings } from './block-widening.ts';
import { NAMESPACE_NAME_LABEL } from './namespace-lists.ts';
import { type PeerRow, peerText, unitedRow, withRow } from './peer-row.ts';
import { type PlacePorts, type Side, withPlaces } from './side.ts';

/** One peer in the place of several, and what that admits beside what they were allowed. */
export interface Widening {
  readonly kind: WideningKind;
  readonly gone: readonly PeerRow[];
  readonly row: PeerRow;
  readonly extras: readonly PlacePorts[];
  /** From–to–port triples that it admits and that nobody saw, as far as this side can tell. */
  readonly extra: number;
}

/** Everybody who was seen in a namespace, and what they must never be allowed. */
export interface Neighbourhood {
  readonly inNamespace: (namespace: string) => readonly Inhabitant[];
  readonly inhabitantOf: (id: Inhabitant['id']) => Inhabitant | undefined;
  /** True for what was tried and denied, or set aside by a person: no budget buys it. */
  readonly isForbidden: (side: Side, extras: PlacePorts) => boolean;
}

/** Labels of a namespace's peers that are tried: each costs a look at every neighbour. */
const MOST_LABELS = 64;

const placeOf = ({ id }: Inhabitant): PeerKey => peerKey({ kind: 'workload', id });

/** Rows of workloads, by the namespace they lie in. */
function rowsByNamespace(side: Side): ReadonlyMap<string, readonly PeerRow[]> {
  const groups = new Map<string, PeerRow[]>();
  for (const row of side.rows) {
    const [first] = row.others;
    if (first?.kind !== 'workload' || row.peer.ipBlock !== undefined) continue;
    const { namespace } = parseWorkloadId(first.id);
    groups.set(namespace, [...(groups.get(namespace) ?? []), row]);
  }
  return groups;
}

/** Labels that last and that every workload of the row carries. */
function sharedLabels(row: PeerRow, { inhabitantOf }: Neighbourhood): readonly Label[] {
  const [first, ...rest] = row.others
    .map((other) => (other.kind === 'workload' ? inhabitantOf(other.id) : undefined))
    .map((inhabitant) => stableLabels(inhabitant?.rows ?? []).filter(([key]) => !isVersionKey(key)));
  return (first ?? []).filter(([key, value]) =>
    rest.every((labels) => labels.some((label) => label[0] === key && label[1] === value)),
  );
}

/** A way to select more pods than those of one workload; no label means every pod of the namespace. */
interface Selection {
  readonly label: Label | undefined;
  readonly rows: readonly PeerRow[];
}

function selectionsOf(rows: readonly PeerRow[], neighbourhood: Neighbourhood): readonly Selection[] {
  const byLabel = new Map<string, { readonly label: Label; readonly rows: PeerRow[] }>();
  for (const row of rows) {
    for (const label of sharedLabels(row, neighbourhood)) {
      const key = label.join('=');
      const known = byLabel.get(key);
      if (known === undefined) byLabel.set(key, { label, rows: [row] });
      else known.rows.push(row);
    }
  }
  const labelled = sortedBy(byLabel, ([key]) => key).map(([, selection]) => selection);
  return [...labelled.slice(0, MOST_LABELS), { label: undefined, rows }];
}

const portsKey = ({ asks }: PeerRow): string => sortedText(asks.keys()).join(',');

/** All rows of a selection, or those among them that are allowed the same ports. */
function partsOf({ label, rows }: Selection): readonly Selection[] {
  const byPorts = new Map<string, PeerRow[]>();
  for (const row of rows) byPorts.set(portsKey(row), [...(byPorts.get(portsKey(row)) ?? []), row]);
  const parts = byPorts.size < 2 ? [rows] : [rows, ...byPorts.values()];
  return parts.filter((part) => part.length >= 2).map((part) => ({ label, rows: part }));
}

function peerFor(side: Side, namespace: string, label: Label | undefined): NetworkPolicyPeer {
  const namespaceSelector = { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } };
  if (label === undefined) return { namespaceSelector };
  const podSelector = { matchLabels: { [label[0]]: label[1] } };
  const isHome = parseWorkloadId(side.subject).namespace === namespace;
  return isHome ? { podSelector } : { namespaceSelector, podSelector };
}

const carries = ({ rows }: Inhabitant, label: Label | undefined): boolean =>
  label === undefined || rows.some((pod) => pod.labels.get(label[0]) === label[1]);

function phraseOf(namespace: string, label: Label | undefined, row: Pick<PeerRow, 'others'>): string {
  const who =
    label === undefined ? `every pod of ${namespace}` : `pods of ${namespace} with ${label.join('=')}`;
  return `${who} (${row.others.map(describePeer).join(', ')})`;
}

/** The further ports of each place, less what the side admits already. */
function newPorts(side: Side, places: readonly PeerKey[], ports: Iterable<string>): readonly PlacePorts[] {
  const all = [...ports];
  return places
    .map((place) => {
      const known = side.admitted.get(place);
      return { place, ports: new Set(all.filter((port) => known?.has(port) !== true)) };
    })
    .filter((each) => each.ports.size > 0);
}

function wideningOf(
  side: Side,
  facts: { readonly namespace: string; readonly selection: Selection },
  neighbourhood: Neighbourhood,
): Widening {
  const { namespace, selection } = facts;
  const { label, rows } = selection;
  const peer = peerFor(side, namespace, label);
  const united = unitedRow(rows, { group: '', peer, text: peerText(peer) });
  const row: PeerRow = { ...united, widened: phraseOf(namespace, label, united) };
  const reached = neighbourhood.inNamespace(namespace).filter((each) => carries(each, label));
  const extras = newPorts(side, reached.map(placeOf), row.asks.keys());
  const kind = label === undefined ? 'namespace' : 'label';
  return { kind, gone: rows, row, extras, extra: extras.reduce((sum, { ports }) => sum + ports.size, 0) };
}

/** Every way to put one peer in the place of several that admits nothing forbidden. */
export function wideningsOf(side: Side, neighbourhood: Neighbourhood): readonly Widening[] {
  const pods = [...rowsByNamespace(side)].flatMap(([namespace, rows]) =>
    selectionsOf(rows, neighbourhood)
      .flatMap(partsOf)
      .map((selection) => wideningOf(side, { namespace, selection }, neighbourhood)),
  );
  return [...pods, ...blockWidenings(side)].filter(
    ({ extras }) => !extras.some((each) => neighbourhood.isForbidden(side, each)),
  );
}

/** The side once a widening is taken. */
export const widenedSide = (side: Side, { gone, row, extras }: Widening): Side => ({
  ...side,
  rows: withRow(side.rows, gone, row),
  admitted: withPlaces(side.admitted, extras),
});
