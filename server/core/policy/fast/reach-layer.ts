import { type Bits, EVERYBODY, NOBODY, onesIn, padded, transpose32 } from './bits.ts';
import type { ClassId } from './end-class.ts';
import { peersAt, type RowPair } from './rows.ts';

/** One port of a matrix: what every class lets through there, and the cells where both ends do. */
export interface ReachLayer {
  readonly code: number;
  readonly egress: Side;
  readonly ingress: Side;
  /** A row of words for each class that connects, a bit for each it connects to. */
  readonly cells: Bits;
  /** Admitted cells by square of 32 × 32. */
  readonly ones: Uint16Array;
  /** All admitted cells. */
  count: number;
  /** Some row is another one in IPv6 than in IPv4. */
  hasChoice: boolean;
}

/** The rows of all classes on one port. */
interface Side {
  readonly IPv4: Bits[];
  readonly IPv6: Bits[];
}

/** What the layers of a matrix share. */
export interface Room {
  /** Words in a row, and squares in a line. */
  readonly words: number;
  readonly everybody: Bits;
  readonly nobody: Bits;
  /** The squares of the layer at hand that have to be done again. */
  readonly touched: Uint8Array;
  /** Where squares are turned around, one for each family. */
  readonly turned: readonly [Bits, Bits];
}

/** Room for 32 × `words` classes. */
export const roomOf = (words: number): Room => ({
  words,
  everybody: new Uint32Array(words).fill(0xffff_ffff),
  nobody: new Uint32Array(words),
  touched: new Uint8Array(words * words),
  turned: [new Uint32Array(32), new Uint32Array(32)],
});

/** A port on which nobody reaches anybody yet. */
export function layerOf(code: number, { words, nobody }: Room): ReachLayer {
  const side = (): Side => ({
    IPv4: new Array<Bits>(words * 32).fill(nobody),
    IPv6: new Array<Bits>(words * 32).fill(nobody),
  });
  return {
    code,
    egress: side(),
    ingress: side(),
    cells: new Uint32Array(words * 32 * words),
    ones: new Uint16Array(words * words),
    count: 0,
    hasChoice: false,
  };
}

/** The rows of one class, and what they mean by everybody. */
export interface Placed {
  readonly id: ClassId;
  readonly rows: RowPair;
  readonly everybody: Bits;
}

/** Puts egress in its place, and marks the squares that this touches. */
export function putEgress(layer: ReachLayer, room: Room, placed: Placed): void {
  const line = (placed.id >>> 5) * room.words;
  put(layer, room, { side: layer.egress, placed, square: line, step: 1 });
}

/** Puts ingress in its place, and marks the squares that this touches. */
export function putIngress(layer: ReachLayer, room: Room, placed: Placed): void {
  put(layer, room, { side: layer.ingress, placed, square: placed.id >>> 5, step: room.words });
}

interface Placing {
  readonly side: Side;
  readonly placed: Placed;
  /** The square of the first word of a row, and how far it is from there to that of the next. */
  readonly square: number;
  readonly step: number;
}

function put(layer: ReachLayer, room: Room, placing: Placing): void {
  const { side, placed } = placing;
  const { IPv4, IPv6 } = placed.rows;
  const first = fitted(peersAt(IPv4, layer.code), room, placed);
  const second = IPv6 === IPv4 ? first : fitted(peersAt(IPv6, layer.code), room, placed);
  if (first !== second) layer.hasChoice = true;
  mark(room, placing, [side.IPv4[placed.id] ?? room.nobody, first]);
  mark(room, placing, [side.IPv6[placed.id] ?? room.nobody, second]);
  side.IPv4[placed.id] = first;
  side.IPv6[placed.id] = second;
}

function fitted(peers: Bits, room: Room, { everybody }: Placed): Bits {
  if (peers === NOBODY) return room.nobody;
  if (peers === EVERYBODY) return everybody;
  return peers.length < room.words ? padded(peers, room.words) : peers;
}

function mark({ words, touched }: Room, placing: Placing, [before, after]: readonly [Bits, Bits]): void {
  if (before === after) return;
  for (let word = 0; word < words; word += 1) {
    if (before[word] !== after[word]) touched[placing.square + word * placing.step] = 1;
  }
}

/** Does the marked squares again, and returns how many they were. */
export function redo(layer: ReachLayer, room: Room): number {
  const { words, touched } = room;
  let squares = 0;
  for (let square = touched.indexOf(1); square !== -1; square = touched.indexOf(1, square + 1)) {
    const ones = doSquare(layer, room, square);
    layer.count += ones - (layer.ones[square] ?? 0);
    layer.ones[square] = ones;
    squares += 1;
  }
  if (squares > 0) touched.fill(0, 0, words * words);
  return squares;
}

/** One square: egress of 32 classes to 32 others, and their ingress, which is turned around to lie on it. */
function doSquare(layer: ReachLayer, room: Room, square: number): number {
  const { egress, ingress, cells } = layer;
  const { words, turned } = room;
  const line = Math.floor(square / words);
  const at = { line, column: square - line * words };
  const first = gather(ingress.IPv4, turned[0], at);
  const second = layer.hasChoice ? gather(ingress.IPv6, turned[1], at) : room.nobody;
  let ones = 0;
  for (let row = 0; row < 32; row += 1) {
    const id = (line << 5) + row;
    let admitted = (egress.IPv4[id]?.[at.column] ?? 0) & (first[row] ?? 0);
    if (layer.hasChoice) admitted |= (egress.IPv6[id]?.[at.column] ?? 0) & (second[row] ?? 0);
    cells[id * words + at.column] = admitted;
    ones += onesIn(admitted);
  }
  return ones;
}

interface At {
  readonly line: number;
  readonly column: number;
}

/** Turns the ingress of a square around. */
function gather(rows: readonly Bits[], square: Bits, { line, column }: At): Bits {
  const start = column << 5;
  let some = 0;
  let every = -1;
  for (let row = 0; row < 32; row += 1) {
    const word = rows[start + row]?.[line] ?? 0;
    square[row] = word;
    some |= word;
    every &= word;
  }
  // All or none stays what it is.
  if (some !== 0 && every !== -1) transpose32(square);
  return square;
}
