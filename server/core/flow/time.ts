/** Milliseconds since 1970-01-01 UTC, an integer. */
export type EpochMs = number;

export const MINUTE_MS = 60_000;

/** The start of the minute that holds `at`. */
export const minuteOf = (at: EpochMs): EpochMs => Math.floor(at / MINUTE_MS) * MINUTE_MS;

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;

const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysInMonth(year: number, month: number): number {
  const before = DAYS_BEFORE_MONTH[month - 1];
  if (before === undefined) return 0;
  return (DAYS_BEFORE_MONTH[month] ?? 365) - before + (month === 2 && isLeapYear(year) ? 1 : 0);
}

/** Days from 1970-01-01 to the given date of the proleptic Gregorian calendar (month 1 to 12). */
export function daysFromEpoch(year: number, month: number, day: number): number {
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477;
  const leapToday = month > 2 && isLeapYear(year) ? 1 : 0;
  return (year - 1970) * 365 + leapDays + (DAYS_BEFORE_MONTH[month - 1] ?? 0) + leapToday + day - 1;
}

/** An exact instant: the millisecond, and the nanoseconds within it (0 to 999 999). */
export interface Instant {
  readonly ms: EpochMs;
  readonly nanos: number;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)$/;

/** Undefined for an offset that no clock has: RFC 3339 ends at 23:59. */
function offsetMs(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))];
  if (hours > 23 || minutes > 59) return undefined;
  return (hours * 60 + minutes) * (zone.startsWith('-') ? -MINUTE_MS : MINUTE_MS);
}

const isDate = (year: number, month: number, day: number): boolean =>
  day >= 1 && day <= daysInMonth(year, month);

/** Second 60 is a leap second; which minutes have one is not decided here. */
const isTimeOfDay = (hour: number, minute: number, second: number): boolean =>
  hour <= 23 && minute <= 59 && second <= 60;

/** Reads an RFC 3339 time with up to nine fraction digits, exactly; undefined when there is no such day, time or offset. */
export function parseInstant(text: string): Instant | undefined {
  const parts = RFC3339.exec(text);
  if (parts === null) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', zone = 'Z'] =
    parts;
  const offset = offsetMs(zone);
  if (offset === undefined || !isDate(Number(year), Number(month), Number(day))) return undefined;
  if (!isTimeOfDay(Number(hour), Number(minute), Number(second))) return undefined;
  const days = daysFromEpoch(Number(year), Number(month), Number(day));
  const billionths = Number(fraction.padEnd(9, '0'));
  const seconds = ((days * 24 + Number(hour)) * 60 + Number(minute)) * 60 + Number(second);
  const ms = seconds * 1000 + Math.floor(billionths / 1_000_000) - offset;
  return { ms, nanos: billionths % 1_000_000 };
}

/** Year, month and day of a count of days since 1970-01-01 (Hinnant, "chrono-compatible date algorithms"). */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

const padded = (value: number, width: number): string => String(value).padStart(width, '0');

/** RFC 3339 in UTC; with `nanos`, nine fraction digits, else three. The inverse of {@link parseInstant}. */
export function formatInstant(ms: EpochMs, nanos?: number): string {
  const days = Math.floor(ms / 86_400_000);
  const inDay = ms - days * 86_400_000;
  const { year, month, day } = civilFromDays(days);
  const clock = [3_600_000, 60_000, 1000].map((unit, i) =>
    padded(Math.floor(inDay / unit) % (i === 0 ? 24 : 60), 2),
  );
  const fraction = `${padded(inDay % 1000, 3)}${nanos === undefined ? '' : padded(nanos, 6)}`;
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}T${clock.join(':')}.${fraction}Z`;
}
