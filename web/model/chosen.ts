import type { Membership } from './membership.ts';
import type { DrawnLine } from './picture.ts';
import type { Selection } from './view.ts';

/** What a selection means on the map: what carries the ring, and what keeps its full colour. */
export interface Chosen {
  readonly ids: ReadonlySet<string>;
  readonly lines: ReadonlySet<string>;
  readonly lit: ReadonlySet<string>;
}

interface Drawn {
  readonly lines: readonly DrawnLine[];
  readonly standIn: ReadonlyMap<string, string>;
  readonly membership: Membership;
}

/** The drawn things a selection is about; undefined when nothing is selected, or nothing of it is drawn. */
export function chosenIn(selection: Selection | undefined, drawn: Drawn): Chosen | undefined {
  if (selection === undefined) return undefined;
  switch (selection.kind) {
    case 'vertex':
      return around(drawn, [drawn.standIn.get(selection.id) ?? selection.id]);
    case 'group':
      return around(drawn, [selection.id, ...membersDrawn(drawn, selection.id)], [selection.id]);
    case 'edge':
      return along(drawn.lines.filter((line) => line.edges.some((edge) => edge.id === selection.id)));
    default:
      return along(drawn.lines.filter((line) => isBetween(drawn, line, selection)));
  }
}

const isBetween = (
  { standIn }: Drawn,
  line: DrawnLine,
  ends: { readonly from: string; readonly to: string },
): boolean =>
  line.from === (standIn.get(ends.from) ?? ends.from) && line.to === (standIn.get(ends.to) ?? ends.to);

const membersDrawn = ({ membership, standIn }: Drawn, group: string): readonly string[] =>
  (membership.membersOf.get(group) ?? []).map((node) => standIn.get(node.id) ?? node.id);

function around(drawn: Drawn, centres: readonly string[], ringed = centres): Chosen | undefined {
  const inside = new Set(centres);
  const touching = drawn.lines.filter((line) => inside.has(line.from) || inside.has(line.to));
  const isDrawn = touching.length > 0 || [...drawn.standIn.values()].some((id) => inside.has(id));
  if (!isDrawn) return undefined;
  return {
    ids: new Set(ringed),
    lines: new Set(touching.map((line) => line.id)),
    lit: new Set([...inside, ...touching.flatMap((line) => [line.from, line.to])]),
  };
}

function along(lines: readonly DrawnLine[]): Chosen | undefined {
  if (lines.length === 0) return undefined;
  const ids = new Set(lines.map((line) => line.id));
  return { ids, lines: ids, lit: new Set(lines.flatMap((line) => [line.from, line.to])) };
}
