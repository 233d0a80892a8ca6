import { open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { STANDARD_INPUT } from './expand-inputs.ts';
import { failureOf, type InputFailure } from './input-failure.ts';

/** Bytes that are read, and unpacked, at a time unless the reader asks for less. */
export const CHUNK_BYTES = 256 * 1024;
const LOOKED_AT_BYTES = 8 * 1024;
/** Exports pack 10 to 60 times smaller; gzip itself ends at about 1 030 times. */
const MAX_EXPANSION = 400;
const FREE_EXPANSION_BYTES = 64 * 1024 * 1024;
/** More control characters than this is no text; a few are what a crash leaves in a log. */
const MAX_CONTROL_SHARE = 0.02;

/** Thrown inside this folder only: the reader turns it into the failure it carries. */
export class InputError extends Error {
  readonly failure: InputFailure;
  constructor(failure: InputFailure) {
    super(failure.code);
    this.failure = failure;
  }
}

export interface ByteSource {
  /** Path, or `-` for standard input. */
  readonly path: string;
  /** Used instead of the process's own standard input. */
  readonly standardInput?: AsyncIterable<Uint8Array>;
  /** Bytes to read, and to unpack, at a time. */
  readonly chunkBytes: number;
  /** Told the bytes taken from the disk or the pipe, before unpacking. */
  onBytes(count: number): void;
}

/** What stands open; whoever leaves early leaves nothing behind. */
type Opened = { destroy(): unknown }[];

/** The bytes of a file, read into one buffer: what is yielded holds until the next is asked for. */
async function* fileBytes(source: ByteSource, opened: Opened): AsyncGenerator<Uint8Array> {
  const file = await open(source.path);
  opened.push({ destroy: () => file.close() });
  const buffer = Buffer.allocUnsafeSlow(source.chunkBytes);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

function bytesOf(source: ByteSource, opened: Opened): AsyncIterable<Uint8Array> {
  if (source.path !== STANDARD_INPUT) return fileBytes(source, opened);
  if (source.standardInput !== undefined) return source.standardInput;
  opened.push(process.stdin);
  return process.stdin;
}

/** Chunks that hold until the next is asked for. */
async function* rawBytes(source: ByteSource, opened: Opened): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytesOf(source, opened)) {
    source.onBytes(chunk.length);
    if (chunk.length > 0) yield chunk;
  }
}

const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** The first bytes, at least `count` of them unless the input ends before. */
async function headOf(bytes: AsyncGenerator<Uint8Array>, count: number): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < count) {
    const next = await bytes.next();
    if (next.done === true) break;
    const isEnough = head.length === 0 && next.value.length >= count;
    head = isEnough ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* joined(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}

interface Packed {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly input: string;
  readonly chunkBytes: number;
  readonly opened: Opened;
}

async function* unpacked({ bytes, input, chunkBytes, opened }: Packed): AsyncGenerator<Uint8Array> {
  let packedBytes = 0;
  let plainBytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      packedBytes += chunk.length;
      yield Buffer.from(chunk); // it is unpacked while the next one is read
    }
  };
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  opened.push(gunzip);
  pipeline(Readable.from(counted(), { highWaterMark: 1 }), gunzip, () => undefined);
  for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
    plainBytes += chunk.length;
    if (plainBytes > FREE_EXPANSION_BYTES && plainBytes > packedBytes * MAX_EXPANSION) {
      throw new InputError({ code: 'gzip_bomb', input });
    }
    yield chunk;
  }
}

/** What stands against reading these first bytes as text. */
export function notText(head: Uint8Array): 'binary' | 'utf16' | undefined {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return 'utf16';
  const looked = head.subarray(0, LOOKED_AT_BYTES);
  let controls = 0;
  for (const byte of looked) {
    const isText = byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0x1b;
    if (!isText) controls += 1;
  }
  return controls > looked.length * MAX_CONTROL_SHARE ? 'binary' : undefined;
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');

/**
 * The input's text as bytes, unpacked when it is gzip, whatever it is called. Chunk by chunk: memory does not grow
 * with the input, and a chunk holds only until the next one is asked for.
 *
 * @throws InputError when it can not be opened, is no text, or ends in damage.
 */
export async function* textBytes(source: ByteSource): AsyncGenerator<Uint8Array> {
  const { path: input, chunkBytes } = source;
  const opened: Opened = [];
  try {
    const raw = rawBytes(source, opened);
    const magic = await headOf(raw, 2);
    if (magic.length === 0) throw new InputError({ code: 'empty', input });
    const whole = joined(magic, raw);
    const text = isGzip(magic) ? unpacked({ bytes: whole, input, chunkBytes, opened }) : whole;
    const head = await headOf(text, 2);
    if (head.length === 0) throw new InputError({ code: 'empty', input });
    const objection = notText(head);
    if (objection !== undefined) throw new InputError({ code: objection, input });
    yield head;
    yield* text;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(isZlibError(error) ? { code: 'gzip_damaged', input } : failureOf(error, input));
  } finally {
    for (const each of opened.toReversed()) await each.destroy();
  }
}
