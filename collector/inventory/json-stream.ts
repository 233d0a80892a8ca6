import { KubeError } from './kube-failure.ts';

/** Largest event of a watch: etcd takes objects of 1.5 MB unless told otherwise, and JSON may be four times as long. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;
/** Largest page of a list: beyond it fewer objects are asked for. */
export const MAX_PAGE_BYTES = 64 * 1024 * 1024;

const LINE_END = 0x0a;

const tooLarge = (limit: number): KubeError =>
  new KubeError({ code: 'too-large', detail: `more than ${limit} bytes in one piece` });

function parsed(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeError({ code: 'malformed', detail: 'it is no JSON' });
  }
}

/** Reads a whole body as one JSON value. Throws {@link KubeError} when it is too large or no JSON. */
export async function readJson(chunks: AsyncIterable<Uint8Array>, limit = MAX_PAGE_BYTES): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    pieces.push(chunk);
  }
  return parsed(Buffer.concat(pieces, size));
}

/** Splits bytes at line ends, whatever the cuts between chunks. */
class LineBuffer {
  readonly #limit: number;
  #rest: Uint8Array[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that end in this chunk. */
  *push(chunk: Uint8Array): Generator<Uint8Array, void> {
    let from = 0;
    for (let at = chunk.indexOf(LINE_END); at !== -1; at = chunk.indexOf(LINE_END, from)) {
      this.#add(chunk.subarray(from, at));
      yield Buffer.concat(this.#rest, this.#size);
      this.#rest = [];
      this.#size = 0;
      from = at + 1;
    }
    this.#add(chunk.subarray(from));
  }

  #add(piece: Uint8Array): void {
    this.#size += piece.byteLength;
    if (this.#size > this.#limit) throw tooLarge(this.#limit);
    if (piece.byteLength > 0) this.#rest.push(piece);
  }
}

/** Reads the events of a watch, one JSON value a line. What comes after the last line end is dropped: it is half a line. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  limit = MAX_EVENT_BYTES,
): AsyncGenerator<unknown, void> {
  const buffer = new LineBuffer(limit);
  for await (const chunk of chunks) {
    for (const line of buffer.push(chunk)) if (line.byteLength > 0) yield parsed(line);
  }
}
