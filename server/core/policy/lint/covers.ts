import type { AddressBlock } from '../fast/address-axis.ts';
import type { PeerTerm, PodsTerm } from '../fast/peer-term.ts';
import type { PortTerm } from '../fast/port-axis.ts';
import { pointSpan } from '../fast/port-axis.ts';
import { ANY_LABELS, type Requirement, type Selector } from '../fast/selector.ts';
import { METADATA_NAME } from './lint-world.ts';

/**
 * Containment that holds for every pod, address and port there may ever be, read off the text of the rules. What it
 * says is so; it does not find every containment (a label that two requirements pin down together, say).
 */

/** Whoever meets `given` meets `asked`. */
function follows(asked: Requirement, given: Requirement): boolean {
  if (asked.key !== given.key) return false;
  const isWithin = given.values.every((value) => asked.values.includes(value));
  switch (asked.kind) {
    case 'in':
      return given.kind === 'in' && isWithin;
    case 'exists':
      return given.kind === 'in' || given.kind === 'exists';
    case 'absent':
      return given.kind === 'absent';
    case 'not-in':
      if (given.kind === 'absent') return true;
      if (given.kind === 'in') return !given.values.some((value) => asked.values.includes(value));
      return given.kind === 'not-in' && asked.values.every((value) => given.values.includes(value));
  }
}

/** Whoever the second selector means, the first means too. */
export const selectorCovers = (wide: Selector, narrow: Selector): boolean =>
  wide.isSound &&
  narrow.isSound &&
  wide.requirements.every((asked) => narrow.requirements.some((given) => follows(asked, given)));

/** A namespace as a selector that means it alone. */
const oneNamespace = (name: string): Selector => ({
  requirements: [{ key: METADATA_NAME, kind: 'in', values: [name] }],
  isSound: true,
});

const namespacesOf = ({ namespace, namespaces }: PodsTerm): Selector =>
  namespaces ?? oneNamespace(namespace ?? '');

const podsCover = (wide: PodsTerm, narrow: PodsTerm): boolean =>
  selectorCovers(namespacesOf(wide), namespacesOf(narrow)) &&
  selectorCovers(wide.pods ?? ANY_LABELS, narrow.pods ?? ANY_LABELS);

const blockCovers = (wide: AddressBlock, narrow: AddressBlock): boolean =>
  narrow.spans.every((inner) =>
    wide.spans.some((outer) => outer.first <= inner.first && inner.last <= outer.last),
  );

/** Whoever the second peer means, the first means too, on any network. */
export function peerCovers(wide: PeerTerm, narrow: PeerTerm): boolean {
  if (wide.kind === 'anyone') return true;
  if (wide.kind === 'block') return narrow.kind === 'block' && blockCovers(wide.block, narrow.block);
  return narrow.kind === 'pods' && podsCover(wide, narrow);
}

/** Every port of the second is one of the first. */
export const portsCover = (wide: PortTerm, narrow: PortTerm): boolean =>
  narrow.spans.every((inner) =>
    wide.spans.some((outer) => outer.first <= inner.first && inner.last <= outer.last),
  ) &&
  narrow.names.every(
    (name) =>
      wide.names.some((each) => each.name === name.name && each.protocol === name.protocol) ||
      [1, 65_535].every((port) => isWholeTo(wide, pointSpan(name.protocol, port))),
  );

/** A span over the first and the last port of a protocol holds all between. */
function isWholeTo({ spans }: PortTerm, point: { readonly first: number }): boolean {
  return spans.some(
    ({ first, last }) => first <= point.first && point.first <= last && last - first >= 65_534,
  );
}
