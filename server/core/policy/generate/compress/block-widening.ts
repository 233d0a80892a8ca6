import { peerKey } from '#core/identity/peer.ts';
import { type IpAddress, isPublicIp, parseIp, prefixOf } from '#core/net/ip.ts';
import { compareText, sortedText } from '#core/order.ts';
import { type PeerRow, peerText, unitedRow } from './peer-row.ts';
import type { Side } from './side.ts';
import type { Widening } from './widening.ts';

/** A block of addresses that a row stands for. */
interface Block {
  readonly row: PeerRow;
  readonly ip: IpAddress;
  readonly bits: number;
}

const widthOf = ({ family }: IpAddress): number => (family === 4 ? 32 : 128);

/** Only public addresses are joined: inside private ranges a neighbour is as likely a node or another cluster. */
function blockOf(row: PeerRow): Block | undefined {
  const [address = '', written = ''] = (row.peer.ipBlock?.cidr ?? '').split('/');
  const ip = parseIp(address);
  if (ip === undefined || written === '' || row.peer.ipBlock?.except !== undefined) return undefined;
  return isPublicIp(ip) ? { row, ip, bits: Number(written) } : undefined;
}

/** Length of the longest prefix that two addresses share. */
function sharedBits(a: IpAddress, b: IpAddress): number {
  const at = a.groups.findIndex((group, index) => group !== b.groups[index]);
  if (at === -1) return widthOf(a);
  return at * 16 + Math.clz32((a.groups[at] ?? 0) ^ (b.groups[at] ?? 0)) - 16;
}

const compareBlocks = (a: Block, b: Block): number => {
  const at = a.ip.groups.findIndex((group, index) => group !== b.ip.groups[index]);
  return at === -1 ? a.bits - b.bits : (a.ip.groups[at] ?? 0) - (b.ip.groups[at] ?? 0);
};

/** Blocks that may share one: of one name or of none, of one family, allowed the same ports. */
function kindsOf(side: Side): readonly (readonly Block[])[] {
  const groups = new Map<string, Block[]>();
  for (const block of side.rows.map(blockOf).filter((each) => each !== undefined)) {
    const key = [block.row.group, block.ip.family, ...sortedText(block.row.asks.keys())].join('|');
    groups.set(key, [...(groups.get(key) ?? []), block]);
  }
  return [...groups].sort(([a], [b]) => compareText(a, b)).map(([, blocks]) => blocks.sort(compareBlocks));
}

const sizeOf = ({ ip, bits }: Pick<Block, 'ip' | 'bits'>): number => 2 ** (widthOf(ip) - bits);

/** A prefix for all blocks inside it; addresses nobody saw count one by one. */
function joined(blocks: readonly Block[], bits: number): Widening | undefined {
  const [first] = blocks;
  if (first === undefined || bits === 0) return undefined;
  const cidr = prefixOf(first.ip, bits);
  const peer = { ipBlock: { cidr } };
  const rows = blocks.map(({ row }) => row);
  const row = unitedRow(rows, {
    group: first.row.group,
    peer,
    text: peerText(peer),
    widened: first.row.group === '' ? cidr : `${first.row.group} (${cidr})`,
  });
  const unseen = sizeOf({ ip: first.ip, bits }) - blocks.reduce((sum, block) => sum + sizeOf(block), 0);
  const ports = new Set(row.asks.keys());
  const extras = unseen > 0 ? [{ place: peerKey({ kind: 'cidr', cidr }), ports }] : [];
  return { kind: 'cidr', gone: rows, row, extras, extra: unseen * ports.size };
}

/** For each two neighbouring blocks the smallest prefix that holds both, with all others it holds. */
export function blockWidenings(side: Side): readonly Widening[] {
  return kindsOf(side).flatMap((blocks) =>
    blocks.flatMap((block, index) => {
      const next = blocks[index + 1];
      if (next === undefined) return [];
      const bits = Math.min(sharedBits(block.ip, next.ip), block.bits, next.bits);
      const inside = blocks.filter((each) => each.bits >= bits && sharedBits(each.ip, block.ip) >= bits);
      return joined(inside, bits) ?? [];
    }),
  );
}
