import { formatInstant } from '#core/flow/time.ts';

/** The name cut in the middle to at most `max` characters; the end stays, since it tells replicas apart. */
export function cutMiddle(name: string, max: number): string {
  const letters = [...name];
  if (letters.length <= max) return name;
  const kept = Math.max(max - 1, 2);
  const tail = Math.floor(kept / 2);
  return `${letters.slice(0, kept - tail).join('')}…${letters.slice(letters.length - tail).join('')}`;
}

const UNITS = [
  [1_000_000_000, 'G'],
  [1_000_000, 'M'],
  [10_000, 'k'],
] as const;

/** A count for a person: `9 999`, `12.3k`, `4.2M`. */
export function shortCount(count: number): string {
  const unit = UNITS.find(([size]) => Math.abs(count) >= size);
  if (unit === undefined) return groupedDigits(Math.round(count));
  const size = unit[1] === 'k' ? 1000 : unit[0];
  return `${(count / size).toFixed(1).replace(/\.0$/, '')}${unit[1]}`;
}

/** Whole numbers with a thin space between thousands: `1 234 567`. */
export const groupedDigits = (count: number): string =>
  String(count).replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');

/** `1 edge`, `2 edges`. */
export const counted = (count: number, noun: string): string =>
  `${shortCount(count)} ${count === 1 ? noun : pluralOf(noun)}`;

const pluralOf = (noun: string): string => (/[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`);

/** A share from 0 to 1 as per cent; never rounds to 0 % or 100 % what is not. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return '<0.1 %';
  if (value < 100 && value > 99.9) return '>99.9 %';
  return `${value.toFixed(value < 10 || value > 90 ? 1 : 0).replace(/\.0$/, '')} %`;
}

/** A rate per minute: `0`, `<0.1`, `4.2`, `120`. */
export function rate(perMinute: number): string {
  if (perMinute === 0) return '0';
  if (perMinute < 0.1) return '<0.1';
  return perMinute < 10 ? perMinute.toFixed(1).replace(/\.0$/, '') : shortCount(Math.round(perMinute));
}

const STEPS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** A length of time in its two largest units: `3 h 20 min`, `45 s`, `0 s`. */
export function duration(ms: number): string {
  const first = STEPS.findIndex(([size]) => ms >= size);
  const large = STEPS[first];
  if (large === undefined) return '0 s';
  const whole = Math.floor(ms / large[0]);
  const small = STEPS[first + 1];
  const rest = small === undefined ? 0 : Math.floor((ms - whole * large[0]) / small[0]);
  return rest === 0 || small === undefined
    ? `${whole} ${large[1]}`
    : `${whole} ${large[1]} ${rest} ${small[1]}`;
}

/** How long before `now` something was: `just now`, `3 min ago`. Both in epoch milliseconds of the data's clock. */
export function ago(at: number, now: number): string {
  const first = STEPS.find(([size]) => now - at >= size);
  if (first === undefined) return 'just now';
  return `${Math.floor((now - at) / first[0])} ${first[1]} ago`;
}

/** `2026-03-01 12:04:31 UTC`. */
export const absoluteTime = (at: number): string => `${formatInstant(at).slice(0, 19).replace('T', ' ')} UTC`;

/** `12:04` in UTC. */
export const clockTime = (at: number): string => formatInstant(at).slice(11, 16);

/** Bytes in binary units: `512 B`, `1.4 MiB`. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log2(count) / 10), units.length - 1);
  const value = count / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** `5432/TCP`, `ICMPv4`, `many ports/TCP`. */
export function portName(edge: {
  readonly port: number | 'none' | 'many';
  readonly protocol: string;
}): string {
  if (edge.port === 'none') return edge.protocol;
  return `${edge.port === 'many' ? 'many ports' : edge.port}/${edge.protocol}`;
}
