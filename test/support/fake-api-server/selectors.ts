import { badRequest, type Reply } from './status.ts';
import type { Stored } from './store.ts';

export type Matcher = (object: Stored) => boolean;

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const SET = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/;
const PAIR = /^([^=!\s]+)\s*(!=|==|=)\s*(\S*)$/;

function requirement(text: string): Requirement {
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return operator === 'in'
      ? (labels) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? '')
      : (labels) => !(Object.hasOwn(labels, key) && values.includes(labels[key] ?? ''));
  }
  const pair = PAIR.exec(text);
  if (pair !== null) {
    const [, key = '', operator, value = ''] = pair;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const key = text.replace(/^!\s*/, '');
  return text.startsWith('!')
    ? (labels) => !Object.hasOwn(labels, key)
    : (labels) => Object.hasOwn(labels, key);
}

/** Reads `a=b,c!=d,e in (f,g),!h`. */
export function labelMatcher(selector: string): Matcher {
  const parts = selector.split(/,(?![^(]*\))/).map((part) => part.trim());
  const all = parts.filter((part) => part !== '').map(requirement);
  return ({ metadata }) => all.every((holds) => holds(metadata.labels ?? {}));
}

const FIELDS: Readonly<Record<string, (object: Stored) => string>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
};

/** Reads `metadata.name=web`; the fields that every kind has, and no others. */
export function fieldMatcher(selector: string): Matcher | Reply {
  const all: Matcher[] = [];
  for (const part of selector.split(',').filter((each) => each !== '')) {
    const [, field = '', operator, value = ''] = PAIR.exec(part) ?? [];
    const read = FIELDS[field];
    if (read === undefined)
      return badRequest(
        `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    all.push((object) => (read(object) === value) === (operator !== '!='));
  }
  return (object) => all.every((matches) => matches(object));
}
