import type { FrameBytes } from './frame-bytes.ts';

const SECONDS_TAG = 8;
const NANOS_TAG = 16;
const NANOS_IN_MS = 1_000_000;
const MAX_NANOS = 999_999_999;

/** Reads timestamps without 64-bit numbers. What it read stands until the next. */
export class TimeReader {
  /** Milliseconds since 1970. */
  ms = 0;
  /** Nanoseconds within the millisecond. */
  nanos = 0;

  /** What a flow without a time has. */
  clear(): void {
    this.ms = 0;
    this.nanos = 0;
  }

  /** False when the cursor stopped: before 1970, beyond the year 3058, or no time at all. */
  read({ cursor }: FrameBytes, at: number, size: number): boolean {
    cursor.begin(at, at + size);
    let seconds = 0;
    let nanos = 0;
    while (cursor.pos < cursor.end && !cursor.isStopped) {
      const tag = cursor.short();
      const value = cursor.long();
      if (tag === SECONDS_TAG && seconds === 0) seconds = value;
      else if (tag === NANOS_TAG && nanos === 0) nanos = value;
      else cursor.decline();
    }
    if (nanos > MAX_NANOS) cursor.decline();
    const wholeMs = Math.floor(nanos / NANOS_IN_MS);
    this.ms = seconds * 1000 + wholeMs;
    this.nanos = nanos - wholeMs * NANOS_IN_MS;
    return !cursor.isStopped;
  }
}
