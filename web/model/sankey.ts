import type { GraphEdge } from '#contract/graph.ts';
import { compareText, sortedText } from '#core/order.ts';
import { pictureOf } from './draw.ts';
import type { LiveGraph } from './live-graph.ts';
import type { Membership } from './membership.ts';
import type { DrawnGroup, DrawnLine } from './picture.ts';
import type { Sight } from './view.ts';

/** A group on one side: as client at the left, or as server at the right. Pixels. */
export interface SankeyEnd {
  readonly group: DrawnGroup;
  readonly y: number;
  readonly height: number;
  readonly conversations: number;
}

/** All edges from one group to another, as a ribbon as thick as its conversations. Pixels. */
export interface SankeyBand {
  readonly line: DrawnLine;
  readonly fromY: number;
  readonly toY: number;
  readonly thickness: number;
}

/** Traffic between groups: clients at the left, servers at the right, a group that is both on both. */
export interface Sankey {
  readonly clients: readonly SankeyEnd[];
  readonly servers: readonly SankeyEnd[];
  /** What should worry a person last, so that it lies on top. */
  readonly bands: readonly SankeyBand[];
  readonly height: number;
}

/** Height that all conversations share, and the least of one ribbon and of the room for one name. */
const ROOM = { all: 460, band: 1.5, name: 18, gap: 10 } as const;

const SWEEPS = 4;

/** The traffic between groups in this view; opened groups count as closed, filters and selection are the map's own. */
export function sankeyOf(graph: LiveGraph, sight: Sight, membership: Membership): Sankey {
  const closed: Sight = { ...sight, expanded: new Set() };
  const { groups, lines } = pictureOf(graph, closed, membership);
  const total = lines.reduce((sum, line) => sum + line.sums.conversations, 0);
  const thickness = ({ sums }: DrawnLine): number =>
    Math.max(ROOM.band, total === 0 ? 0 : (ROOM.all * sums.conversations) / total);
  const order = orderOf(lines);
  const byId = new Map(groups.map((each) => [each.group.id, each]));
  const side = { byId, lines, thickness };
  const clients = stacked(order.clients, 'from', side);
  const servers = stacked(order.servers, 'to', side);
  return {
    clients: clients.ends,
    servers: servers.ends,
    bands: bandsOf(lines, { order, from: clients.tops, to: servers.tops, thickness }),
    height: Math.max(clients.height, servers.height),
  };
}

interface Order {
  readonly clients: readonly string[];
  readonly servers: readonly string[];
}

/**
 * Each side ordered by the mean place of whom it talks with, so that ribbons cross little. It looks at who talks with
 * whom and not at how much, so that nothing moves while traffic goes on.
 */
function orderOf(lines: readonly DrawnLine[]): Order {
  let clients: readonly string[] = sortedText(new Set(lines.map(({ from }) => from)));
  let servers: readonly string[] = sortedText(new Set(lines.map(({ to }) => to)));
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    servers = byPeers(servers, clients, lines, 'to');
    clients = byPeers(clients, servers, lines, 'from');
  }
  return { clients, servers };
}

type Side = 'from' | 'to';

function byPeers(
  ids: readonly string[],
  ...[peers, lines, side]: readonly [readonly string[], readonly DrawnLine[], Side]
): readonly string[] {
  const place = new Map(peers.map((id, index) => [id, index / Math.max(peers.length - 1, 1)]));
  const sums = new Map<string, { sum: number; count: number }>();
  for (const line of lines) {
    const tally = sums.get(line[side]) ?? { sum: 0, count: 0 };
    tally.sum += place.get(line[side === 'from' ? 'to' : 'from']) ?? 0;
    tally.count += 1;
    sums.set(line[side], tally);
  }
  const mean = (id: string): number => {
    const tally = sums.get(id);
    return tally === undefined ? 0 : tally.sum / tally.count;
  };
  return ids.toSorted((a, b) => mean(a) - mean(b) || compareText(a, b));
}

interface Stacked {
  readonly ends: readonly SankeyEnd[];
  readonly tops: ReadonlyMap<string, number>;
  readonly height: number;
}

function stacked(
  ids: readonly string[],
  side: Side,
  by: {
    readonly byId: ReadonlyMap<string, DrawnGroup>;
    readonly lines: readonly DrawnLine[];
    readonly thickness: (line: DrawnLine) => number;
  },
): Stacked {
  const own = new Map<string, { height: number; conversations: number }>();
  for (const line of by.lines) {
    const sum = own.get(line[side]) ?? { height: 0, conversations: 0 };
    sum.height += by.thickness(line);
    sum.conversations += line.sums.conversations;
    own.set(line[side], sum);
  }
  const ends: SankeyEnd[] = [];
  let y = 0;
  for (const id of ids) {
    const group = by.byId.get(id);
    const { height, conversations } = own.get(id) ?? { height: 0, conversations: 0 };
    const room = Math.max(height, ROOM.name);
    if (group !== undefined) ends.push({ group, y: y + (room - height) / 2, height, conversations });
    y += room + ROOM.gap;
  }
  return {
    ends,
    tops: new Map(ends.map((end) => [end.group.group.id, end.y])),
    height: Math.max(y - ROOM.gap, 0),
  };
}

const RANK: Readonly<Record<DrawnLine['meaning'], number>> = {
  quiet: 0,
  forwarded: 1,
  audit: 2,
  mixed: 3,
  denied: 4,
};

function bandsOf(
  lines: readonly DrawnLine[],
  by: {
    readonly order: Order;
    readonly from: ReadonlyMap<string, number>;
    readonly to: ReadonlyMap<string, number>;
    readonly thickness: (line: DrawnLine) => number;
  },
): readonly SankeyBand[] {
  const placed = (side: Side): ReadonlyMap<string, number> => {
    const next = new Map(by[side]);
    const other = side === 'from' ? 'to' : 'from';
    const peers = side === 'from' ? by.order.servers : by.order.clients;
    const place = new Map(peers.map((id, index) => [id, index]));
    const sorted = lines.toSorted((a, b) => (place.get(a[other]) ?? 0) - (place.get(b[other]) ?? 0));
    const at = new Map<string, number>();
    for (const line of sorted) {
      const y = next.get(line[side]) ?? 0;
      at.set(line.id, y);
      next.set(line[side], y + by.thickness(line));
    }
    return at;
  };
  const [from, to] = [placed('from'), placed('to')];
  const weight = (line: DrawnLine): number => (line.isDim ? 0 : 10) + RANK[line.meaning];
  return lines
    .toSorted((a, b) => weight(a) - weight(b) || compareText(a.id, b.id))
    .map((line) => ({
      line,
      fromY: from.get(line.id) ?? 0,
      toY: to.get(line.id) ?? 0,
      thickness: by.thickness(line),
    }));
}

/** Outline of a ribbon between two upright edges, as the `d` of a path. */
export function ribbonPath(band: SankeyBand, left: number, right: number): string {
  const { fromY, toY, thickness } = band;
  const middle = (left + right) / 2;
  const line = (x: number, y: number): string => `${x.toFixed(1)},${y.toFixed(1)}`;
  const curve = (a: number, b: number, end: string): string =>
    `C${line(middle, a)} ${line(middle, b)} ${end}`;
  return [
    `M${line(left, fromY)}`,
    curve(fromY, toY, line(right, toY)),
    `L${line(right, toY + thickness)}`,
    `${curve(toY + thickness, fromY + thickness, line(left, fromY + thickness))}Z`,
  ].join(' ');
}

/** Every edge from one group to another, whether the map draws these groups open or closed. */
export function edgesBetween(
  graph: LiveGraph | undefined,
  membership: Membership | undefined,
  groups: { readonly from: string; readonly to: string },
): readonly GraphEdge[] {
  if (graph === undefined || membership === undefined) return [];
  const groupOf = (id: string): string | undefined => membership.groupOfNode.get(id);
  return [...graph.edgesById.values()].filter(
    (edge) => groupOf(edge.from) === groups.from && groupOf(edge.to) === groups.to,
  );
}

/** The part of a ribbon that was denied, at its lower edge; undefined where nothing was. */
export function deniedPart(band: SankeyBand): SankeyBand | undefined {
  const { denied, conversations } = band.line.sums;
  if (denied === 0) return undefined;
  const share = conversations === 0 ? 1 : Math.min(denied / conversations, 1);
  const thickness = Math.min(Math.max(ROOM.band, band.thickness * share), band.thickness);
  const above = band.thickness - thickness;
  return { ...band, fromY: band.fromY + above, toY: band.toY + above, thickness };
}
