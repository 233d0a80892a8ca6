import { type AddressRange, rangeOfAddress, rangeOfCidr } from '../policy/connections/address-range.ts';
import type { QueryTerm } from './query.ts';
import { QUERY_VERDICTS } from './query-edge.ts';

const MAX_PORT = 65_535;

/** Ports `from` to `to`, both inside, or undefined for a text that is neither `443` nor `8000-8999`. */
export function portSpan(text: string): { readonly from: number; readonly to: number } | undefined {
  const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  return first === '' || from > to || to > MAX_PORT ? undefined : { from, to };
}

/** The addresses that an address or a block stands for; undefined for what is neither. */
export const blockOf = (text: string): AddressRange | undefined => rangeOfAddress(text) ?? rangeOfCidr(text);

/** Words for yes and no. */
export const YES_OR_NO: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['true', true],
  ['no', false],
  ['false', false],
]);

const isNumber = (text: string): boolean => /^\d{1,9}(?:\.\d{1,6})?$/.test(text);

type Check = (value: string) => boolean;

/** Fields whose values must be of a kind: how to tell, and what to say. */
const CHECKS: Partial<Record<QueryTerm['field'], readonly [check: Check, expected: string]>> = {
  port: [
    (value) => portSpan(value) !== undefined || value === 'none' || value === 'many',
    'A port is a number from 0 to 65535, a range such as 8000-8999, none or many',
  ],
  cidr: [(value) => blockOf(value) !== undefined, 'An address is expected, or a block such as 10.0.0.0/8'],
  verdict: [
    (value) => QUERY_VERDICTS.some((verdict) => verdict === value.toLowerCase()),
    `A verdict is one of ${QUERY_VERDICTS.join(', ')}`,
  ],
  new: [(value) => YES_OR_NO.has(value.toLowerCase()), 'Write yes or no'],
  rate: [isNumber, 'A rate is a number of conversations a minute, as in rate>10'],
};

/** What is wrong with a condition, as one sentence, or undefined. */
export function termFault({ field, comparison, values }: QueryTerm): string | undefined {
  if (comparison !== '=' && field !== 'rate' && field !== 'port')
    return `Only port and rate can be compared; write ${field}: instead.`;
  const [check, expected] = CHECKS[field] ?? [];
  if (check === undefined) return undefined;
  const wrong = values.find((value) => !check(value));
  if (wrong !== undefined) return `${expected}.`;
  return comparison !== '=' && values.some((value) => !isNumber(value))
    ? 'Compare with a single number.'
    : undefined;
}
