import type { Instant } from '#core/flow/time.ts';
import { InstantReader } from '../instant.ts';
import { Faults } from '../wire.ts';
import { latin1Slice } from './byte-runs.ts';

const TO_THE_SECOND = '2006-01-02T15:04:05'.length;
const DOT = 0x2e;
const ZERO = 0x30;
const UTC = 0x5a;
const NANOS_IN_MS = 1_000_000;
/** What a digit behind the dot is worth in nanoseconds. */
const WORTH = [1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1] as const;

/** Reads times from bytes. Flows come in bursts: a second that was just read is not read again. */
export class LineTime {
  readonly #reader = new InstantReader();
  readonly #second = new Uint8Array(TO_THE_SECOND);
  #secondAt = Number.NaN;
  /** Milliseconds since 1970; 0 for a time before it, which is how Go writes one that was never set. */
  ms = 0;
  /** Nanoseconds within the millisecond. */
  nanos = 0;
  /** True when there was no time, or none since 1970. */
  isTimeless = true;

  /** What a flow without a time has. */
  clear(): void {
    this.ms = 0;
    this.nanos = 0;
    this.isTimeless = true;
  }

  /** False when the text from `at` up to `end` is no time. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    const nanos = this.#isSameSecond(bytes, at, end) ? fractionOf(bytes, at + TO_THE_SECOND, end) : -1;
    if (nanos < 0) return this.#readWhole(bytes, at, end);
    const wholeMs = Math.floor(nanos / NANOS_IN_MS);
    this.#set({ ms: this.#secondAt + wholeMs, nanos: nanos - wholeMs * NANOS_IN_MS });
    return true;
  }

  #isSameSecond(bytes: Uint8Array, at: number, end: number): boolean {
    if (end - at <= TO_THE_SECOND) return false;
    const second = this.#second;
    for (let i = TO_THE_SECOND - 1; i >= 0; i -= 1) if (bytes[at + i] !== second[i]) return false;
    return true;
  }

  #readWhole(bytes: Uint8Array, at: number, end: number): boolean {
    const instant = this.#reader.read(latin1Slice.call(bytes, at, end), 'time', new Faults());
    if (instant === undefined) return false;
    if (bytes[end - 1] === UTC) {
      this.#second.set(bytes.subarray(at, at + TO_THE_SECOND));
      this.#secondAt = Math.floor(instant.ms / 1000) * 1000;
    }
    this.#set(instant);
    return true;
  }

  #set({ ms, nanos }: Instant): void {
    this.isTimeless = ms < 0;
    this.ms = this.isTimeless ? 0 : ms;
    this.nanos = this.isTimeless ? 0 : nanos;
  }
}

/** Nanoseconds of `.123456789Z`, up to `end`; -1 when it is anything else. */
function fractionOf(bytes: Uint8Array, at: number, end: number): number {
  const last = end - 1;
  if (bytes[last] !== UTC) return -1;
  if (at === last) return 0;
  if (bytes[at] !== DOT || last - at > 10 || last - at < 2) return -1;
  let nanos = 0;
  for (let i = at + 1; i < last; i += 1) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    nanos += digit * (WORTH[i - at - 1] as number);
  }
  return nanos;
}
