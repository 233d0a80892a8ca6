import { BUCKETS, bucketOf, FIELDS, KIND, MAX_LINE_BYTES, SCOPE, SLOT_COUNT } from './fields.ts';
import type { LineScanner } from './line-scanner.ts';

/** What `assembly/scanner.ts` exports. */
interface ScannerExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** False when there is no memory. */
  begin(): number;
  /** False when it does not answer for the line. */
  scan(size: number): number;
  readonly LINE: Place;
  readonly AT: Place;
  readonly VALUE: Place;
  readonly END: Place;
  readonly RESETS: Place;
  readonly FIELDS: Place;
  readonly FIELD_BYTES: Place;
  readonly FIELD_MASK: Place;
  readonly FIELD_SIZE: Place;
  readonly NAMES: Place;
}

interface Place {
  readonly value: number;
}

/** A compiled module; opaque, since Node's types do not have WebAssembly. */
export type ScannerModule = object;

interface WebAssemblyLike {
  Module: new (bytes: Uint8Array) => ScannerModule;
  Instance: new (module: ScannerModule) => { readonly exports: object };
}
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyLike | undefined };

const NO_FIELD = 255;

/** Undefined where there is no WebAssembly, or none with vectors of 128 bits. */
export function compileScanner(bytes: Uint8Array): ScannerModule | undefined {
  try {
    return WebAssembly === undefined ? undefined : new WebAssembly.Module(bytes);
  } catch {
    return undefined;
  }
}

/** Writes the fields where the scanner looks for them, and by bucket which field's name may be there. */
function writeFields(memory: Uint8Array, places: ScannerExports): void {
  const { NAMES, FIELD_BYTES, FIELD_MASK, FIELD_SIZE } = places;
  memory.fill(NO_FIELD, NAMES.value, NAMES.value + BUCKETS * Object.keys(SCOPE).length);
  for (const [number, { scope, name, kind, slot, inner }] of FIELDS.entries()) {
    const key = Buffer.from(`"${name}":`);
    const place = places.FIELDS.value + number * FIELD_BYTES.value;
    if (key.length > FIELD_MASK.value) throw new Error(`${name} is too long a name for the scanner`);
    memory.set(key, place);
    memory.fill(0xff, place + FIELD_MASK.value, place + FIELD_MASK.value + key.length);
    const bucket = bucketOf(name.charCodeAt(0), name.charCodeAt(name.length - 1), name.length);
    const head = NAMES.value + SCOPE[scope] * BUCKETS + bucket;
    const other = memory[head] ?? NO_FIELD;
    memory.set(
      [key.length, KIND[kind], slot, inner === undefined ? 0 : SCOPE[inner], other],
      place + FIELD_SIZE.value,
    );
    memory[head] = number;
  }
}

/** The scanner in WebAssembly. Its memory, at most some 80 MB, is its own; a line is copied into it. */
export class WasmScanner implements LineScanner {
  readonly #exports: ScannerExports;
  readonly #scan: (size: number) => number;
  readonly #line: number;
  #memory: Buffer;
  #resets: Int32Array;
  base = 0;
  at: Int32Array;
  value: Int32Array;
  end: Int32Array;

  /** Throws a RangeError when there is no memory for it. */
  constructor(module: ScannerModule) {
    if (WebAssembly === undefined) throw new RangeError('no WebAssembly');
    this.#exports = new WebAssembly.Instance(module).exports as ScannerExports;
    if (!this.#exports.begin()) throw new RangeError('no memory for the scanner');
    this.#scan = this.#exports.scan;
    this.#line = this.#exports.LINE.value;
    writeFields(new Uint8Array(this.#exports.memory.buffer), this.#exports);
    this.#memory = Buffer.alloc(0);
    this.#resets = this.at = this.value = this.end = new Int32Array(0);
    this.#look();
  }

  get resets(): number {
    return this.#resets[0] as number;
  }

  scan(bytes: Buffer, from: number, to: number): boolean {
    if (to - from > MAX_LINE_BYTES) return false;
    bytes.copy(this.#memory, this.#line, from, to);
    this.base = from;
    const isFound = this.#scan(to - from) !== 0;
    if (this.at.length === 0) this.#look();
    return isFound;
  }

  /** Memory that has grown is somewhere else. */
  #look(): void {
    const { memory, AT, VALUE, END, RESETS } = this.#exports;
    const { buffer } = memory;
    this.#memory = Buffer.from(buffer);
    this.at = new Int32Array(buffer, AT.value, SLOT_COUNT);
    this.value = new Int32Array(buffer, VALUE.value, SLOT_COUNT);
    this.end = new Int32Array(buffer, END.value, SLOT_COUNT);
    this.#resets = new Int32Array(buffer, RESETS.value, 1);
  }
}
