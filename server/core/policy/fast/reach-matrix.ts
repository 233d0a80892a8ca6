import { type Bits, EVERYBODY, onesIn, padded, transpose32, wordsFor } from './bits.ts';
import type { Direction } from './compile-policy.ts';
import type { ClassId } from './end-class.ts';
import { type EngineState, rowsOf } from './engine-state.ts';
import { NO_PAIR, peersAt, type RowPair } from './rows.ts';

/**
 * Who reaches whom, class by class, on a list of ports. Ends outside the cluster do not count among themselves.
 * The one mutable thing here: it follows an engine from change to change, and does again only what the change touched.
 */
export interface ReachMatrix {
  /** Admitted cells, a cell being one class to one class on one of the ports. */
  readonly count: () => number;
  readonly countAt: (port: number) => number;
  readonly isAdmitted: (port: number, from: ClassId, to: ClassId) => boolean;
  /** The classes that `from` reaches on a port, 32 to a word; a view that the next change may write over. */
  readonly row: (port: number, from: ClassId) => Bits;
  /** Goes over to another state of the engine. Returns the number of squares of 32 × 32 cells done again. */
  readonly follow: (state: EngineState) => number;
}

/** The rows of all classes on one port, by family where that matters. */
interface Side {
  readonly IPv4: Bits[];
  readonly IPv6: Bits[];
}

interface Layer {
  readonly code: number;
  readonly egress: Side;
  readonly ingress: Side;
  readonly cells: Bits;
  /** Some row is another one in IPv6 than in IPv4. */
  hasChoice: boolean;
  /** Admitted cells by square. */
  readonly ones: Uint16Array;
  count: number;
}

interface Frame {
  /** Words in a row, and squares in a line. */
  readonly words: number;
  readonly layers: readonly Layer[];
  /** The rows as they were when last looked at. */
  readonly seen: Readonly<Record<Direction, (RowPair | undefined)[]>>;
  /** Pods reach everybody; the other ends only pods, as far as it is counted. */
  readonly everybody: Bits;
  /** Room to turn squares around in, one for each family. */
  readonly turned: readonly [Bits, Bits];
  pods: Bits;
}

const sideOf = (ids: number, nobody: Bits): Side => ({
  IPv4: new Array<Bits>(ids).fill(nobody),
  IPv6: new Array<Bits>(ids).fill(nobody),
});

function frameOf(words: number, codes: readonly number[]): Frame {
  const nobody = new Uint32Array(words);
  const layers = codes.map((code) => ({
    code,
    egress: sideOf(words * 32, nobody),
    ingress: sideOf(words * 32, nobody),
    cells: new Uint32Array(words * 32 * words),
    hasChoice: false,
    ones: new Uint16Array(words * words),
    count: 0,
  }));
  const everybody = new Uint32Array(words).fill(0xffff_ffff);
  const turned = [new Uint32Array(32), new Uint32Array(32)] as const;
  return { words, layers, seen: { egress: [], ingress: [] }, everybody, turned, pods: nobody };
}

/** The matrix of a state over the ports at these codes, {@link portCode}. */
export function reachMatrix(state: EngineState, codes: readonly number[]): ReachMatrix {
  let frame = frameOf(roomFor(state), codes);
  bring(frame, state);
  const layerAt = (port: number): Layer | undefined => frame.layers[port];
  const row = (port: number, from: ClassId): Bits =>
    layerAt(port)?.cells.subarray(from * frame.words, (from + 1) * frame.words) ?? new Uint32Array(0);
  return {
    count: () => frame.layers.reduce((sum, { count }) => sum + count, 0),
    countAt: (port) => layerAt(port)?.count ?? 0,
    isAdmitted: (port, from, to) => (((row(port, from)[to >>> 5] ?? 0) >>> (to & 31)) & 1) === 1,
    row,
    follow: (next) => {
      if (wordsFor(next.partition.classes.length) > frame.words) frame = frameOf(roomFor(next), codes);
      return bring(frame, next);
    },
  };
}

/** Room for a few classes more than there are, so that a new one does not move all others. */
const roomFor = ({ partition }: EngineState): number => wordsFor(partition.classes.length + 32);

/** Brings a frame to a state; returns the number of squares done again. */
function bring(frame: Frame, state: EngineState): number {
  frame.pods = padded(state.population.index.pods(), frame.words);
  const from = changedIds(frame, state, 'egress');
  const to = changedIds(frame, state, 'ingress');
  const lines = squaresWith(from, frame.words);
  const columns = squaresWith(to, frame.words);
  let squares = 0;
  for (const layer of frame.layers) {
    place(layer, frame, [from, to]);
    squares += redo(layer, frame, [lines, columns]);
  }
  return squares;
}

/** The ids whose row is another one than before. That of an end outside also depends on which classes are pods. */
function changedIds(frame: Frame, state: EngineState, direction: Direction): readonly ClassId[] {
  const { classes } = state.partition;
  const seen = frame.seen[direction];
  const changed: ClassId[] = [];
  for (let id = 0; id < Math.max(classes.length, seen.length); id += 1) {
    const rows = id < classes.length ? rowsOf(state, direction, id) : NO_PAIR;
    const isOutside = direction === 'egress' && classes[id] !== undefined && classes[id]?.kind !== 'pods';
    if (rows === seen[id] && !isOutside) continue;
    seen[id] = rows;
    changed.push(id);
  }
  return changed;
}

function squaresWith(ids: readonly ClassId[], words: number): Uint8Array {
  const squares = new Uint8Array(words);
  for (const id of ids) squares[id >>> 5] = 1;
  return squares;
}

type Changed = readonly [from: readonly ClassId[], to: readonly ClassId[]];

/** Looks up what the changed rows say on this port. */
function place(layer: Layer, frame: Frame, [from, to]: Changed): void {
  for (const id of from) {
    const isTwo = put(layer.egress, [id, frame.seen.egress[id]], [layer.code, frame, isPod(frame, id)]);
    layer.hasChoice ||= isTwo;
  }
  for (const id of to) {
    const isTwo = put(layer.ingress, [id, frame.seen.ingress[id]], [layer.code, frame, true]);
    layer.hasChoice ||= isTwo;
  }
}

const isPod = ({ pods }: Frame, id: ClassId): boolean => (((pods[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;

/** Puts a row in its place; true when it is another one in IPv6 than in IPv4. */
function put(
  side: Side,
  [id, rows]: readonly [ClassId, RowPair | undefined],
  [code, frame, reachesAll]: readonly [number, Frame, boolean],
): boolean {
  const { IPv4, IPv6 } = rows ?? NO_PAIR;
  const full = (peers: Bits): Bits => {
    if (peers === EVERYBODY) return reachesAll ? frame.everybody : frame.pods;
    return peers.length < frame.words ? padded(peers, frame.words) : peers;
  };
  const first = full(peersAt(IPv4, code));
  side.IPv4[id] = first;
  side.IPv6[id] = IPv6 === IPv4 ? first : full(peersAt(IPv6, code));
  return side.IPv6[id] !== first;
}

/** Does the squares again that lie in a touched line or column. */
function redo(layer: Layer, frame: Frame, [lines, columns]: readonly [Uint8Array, Uint8Array]): number {
  const { words } = frame;
  let squares = 0;
  for (let line = 0; line < words; line += 1) {
    const isWhole = lines[line] === 1;
    for (let column = 0; column < words; column += 1) {
      if (!isWhole && columns[column] !== 1) continue;
      squares += 1;
      const ones = doSquare(layer, frame, [line, column]);
      layer.count += ones - (layer.ones[line * words + column] ?? 0);
      layer.ones[line * words + column] = ones;
    }
  }
  return squares;
}

/** One square: egress of 32 classes to 32 others, and their ingress, which is turned around to lie on it. */
function doSquare(layer: Layer, frame: Frame, [line, column]: readonly [number, number]): number {
  const { egress, ingress, cells } = layer;
  const { words } = frame;
  const [turned, turnedToo] = frame.turned;
  const hasChoice = layer.hasChoice && gather(ingress.IPv6, turnedToo, [line, column]);
  const isEmpty = !gather(ingress.IPv4, turned, [line, column]);
  const start = line << 5;
  let ones = 0;
  for (let at = 0; at < 32; at += 1) {
    const id = start + at;
    let admitted = isEmpty ? 0 : (egress.IPv4[id]?.[column] ?? 0) & (turned[at] ?? 0);
    if (hasChoice) admitted |= (egress.IPv6[id]?.[column] ?? 0) & (turnedToo[at] ?? 0);
    cells[id * words + column] = admitted;
    ones += onesIn(admitted);
  }
  return ones;
}

/** Turns the ingress of a square around; false when there is none. */
function gather(rows: readonly Bits[], square: Bits, [line, column]: readonly [number, number]): boolean {
  const start = column << 5;
  let some = 0;
  for (let at = 0; at < 32; at += 1) {
    const word = rows[start + at]?.[line] ?? 0;
    square[at] = word;
    some |= word;
  }
  if (some === 0) return false;
  transpose32(square);
  return true;
}
