import { type Instant, parseInstant } from '#core/flow/time.ts';
import { type Faults, isMessage } from './wire.ts';

interface WireTimestamp {
  readonly seconds?: unknown;
  readonly nanos?: unknown;
}

/** protobuf's last representable second, 9999-12-31T23:59:59Z. */
const MAX_SECONDS = 253_402_300_799;
const DIGITS = /^-?\d{1,12}$/;
const TO_THE_SECOND = '2006-01-02T15:04:05'.length;

const integerOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
};

/** protobufjs writes 64-bit numbers as two halves where nothing else was asked for. */
function secondsOf(value: unknown): number | undefined {
  if (!isMessage(value)) return integerOf(value ?? 0);
  const { low, high } = value as { readonly low?: unknown; readonly high?: unknown };
  const lowHalf = integerOf(low);
  const highHalf = integerOf(high);
  return lowHalf === undefined || highHalf === undefined ? undefined : highHalf * 2 ** 32 + (lowHalf >>> 0);
}

function timestampOf(value: WireTimestamp): Instant | undefined {
  const seconds = secondsOf(value.seconds);
  const nanos = integerOf(value.nanos ?? 0);
  if (seconds === undefined || nanos === undefined) return undefined;
  if (Math.abs(seconds) > MAX_SECONDS || nanos < 0 || nanos > 999_999_999) return undefined;
  return { ms: seconds * 1000 + Math.floor(nanos / 1_000_000), nanos: nanos % 1_000_000 };
}

/** Nanoseconds of `.123456789Z`, the end of an RFC 3339 time; -1 when it is anything else. */
function fractionOf(text: string): number {
  const last = text.length - 1;
  if (text.charCodeAt(last) !== 0x5a) return -1;
  if (last === TO_THE_SECOND) return 0;
  const digits = last - TO_THE_SECOND - 1;
  if (text.charCodeAt(TO_THE_SECOND) !== 0x2e || digits < 1 || digits > 9) return -1;
  let nanos = 0;
  for (let i = TO_THE_SECOND + 1; i < last; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    nanos = nanos * 10 + digit;
  }
  return nanos * 10 ** (9 - digits);
}

/** Reads the times of a stream. Flows come in bursts: a second that was just read is not read again. */
export class InstantReader {
  #second = '';
  #secondAt = 0;

  /** RFC 3339 text or `{seconds, nanos}`, exact; undefined when absent, noted as a fault when it is no time. */
  read(value: unknown, field: string, faults: Faults): Instant | undefined {
    if (typeof value === 'string') return this.#readText(value) ?? faults.note(field);
    if (value === undefined || value === null) return undefined;
    return (isMessage(value) ? timestampOf(value) : undefined) ?? faults.note(field);
  }

  #readText(text: string): Instant | undefined {
    if (this.#second !== '' && text.startsWith(this.#second)) {
      const nanos = fractionOf(text);
      if (nanos >= 0) return { ms: this.#secondAt + Math.floor(nanos / 1_000_000), nanos: nanos % 1_000_000 };
    }
    const instant = parseInstant(text);
    if (instant !== undefined && text.endsWith('Z')) {
      this.#second = text.slice(0, TO_THE_SECOND);
      this.#secondAt = Math.floor(instant.ms / 1000) * 1000;
    }
    return instant;
  }
}
