import { type Bits, hasBit, padded, roomyWordsFor, wordsFor } from './bits.ts';
import type { Direction } from './compile-policy.ts';
import type { ClassId } from './end-class.ts';
import { type EngineState, rowsOf } from './engine-state.ts';
import { layerOf, putEgress, putIngress, type ReachLayer, type Room, redo, roomOf } from './reach-layer.ts';
import { NO_PAIR, type RowPair } from './rows.ts';

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

interface Frame {
  readonly room: Room;
  readonly layers: readonly ReachLayer[];
  /** The rows as they were when last looked at. */
  readonly seen: Readonly<Record<Direction, (RowPair | undefined)[]>>;
}

function frameOf(words: number, codes: readonly number[]): Frame {
  const room = roomOf(words);
  return { room, layers: codes.map((code) => layerOf(code, room)), seen: { egress: [], ingress: [] } };
}

/** The matrix of a state over the ports at these codes, {@link portCode}. */
export function reachMatrix(state: EngineState, codes: readonly number[]): ReachMatrix {
  let frame = frameOf(roomFor(state), codes);
  bring(frame, state);
  const layerAt = (port: number): ReachLayer | undefined => frame.layers[port];
  const row = (port: number, from: ClassId): Bits =>
    layerAt(port)?.cells.subarray(from * frame.room.words, (from + 1) * frame.room.words) ??
    new Uint32Array(0);
  return {
    count: () => frame.layers.reduce((sum, { count }) => sum + count, 0),
    countAt: (port) => layerAt(port)?.count ?? 0,
    isAdmitted: (port, from, to) => (((row(port, from)[to >>> 5] ?? 0) >>> (to & 31)) & 1) === 1,
    row,
    follow: (next) => {
      if (wordsFor(next.partition.classes.length) > frame.room.words) frame = frameOf(roomFor(next), codes);
      return bring(frame, next);
    },
  };
}

/** Room for a few classes more than there are, so that a new one does not move all others. */
const roomFor = ({ partition }: EngineState): number => roomyWordsFor(partition.classes.length);

/** Brings a frame to a state; returns the number of squares done again. */
function bring({ room, layers, seen }: Frame, state: EngineState): number {
  const pods = padded(state.population.index.pods(), room.words);
  const from = changedIds(seen, state, 'egress');
  const to = changedIds(seen, state, 'ingress');
  let squares = 0;
  for (const layer of layers) {
    for (const id of from) {
      putEgress(layer, room, {
        id,
        rows: seen.egress[id] ?? NO_PAIR,
        everybody: hasBit(pods, id) ? room.everybody : pods,
      });
    }
    for (const id of to) {
      putIngress(layer, room, { id, rows: seen.ingress[id] ?? NO_PAIR, everybody: room.everybody });
    }
    squares += redo(layer, room);
  }
  return squares;
}

/** The ids whose row is another one than before. That of an end outside also depends on which classes are pods. */
function changedIds(seenBefore: Frame['seen'], state: EngineState, direction: Direction): readonly ClassId[] {
  const { classes } = state.partition;
  const seen = seenBefore[direction];
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
