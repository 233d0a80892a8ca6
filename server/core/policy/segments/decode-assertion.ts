import { FIRST_PORT, LAST_PORT, POLICY_PROTOCOLS } from '../certify/port-intervals.ts';
import { type PortSet, portSetOf } from '../connections/port-set.ts';
import {
  complain,
  fieldAt,
  hasFields,
  isThere,
  itemsAt,
  oneOrMoreAt,
  type Place,
  readsAs,
  textAt,
} from './file-reader.ts';
import {
  type Assertion,
  type Exception,
  SEVERITIES,
  type Severity,
  VERBS,
  type Verb,
} from './segments-file.ts';

const FIELDS = ['id', ...VERBS, 'reaches', 'ports', 'through', 'hops', 'except', 'why', 'severity'];
const EXCEPTION_FIELDS = ['from', 'reaches', 'ports', 'why'];

const ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/;
const MOST_HOPS = 100;

function portsOf(text: string): PortSet | undefined {
  const [, name, first, last] = /^([A-Z]{3,4})(?:\/(\d{1,5})(?:-(\d{1,5}))?)?$/.exec(text) ?? [];
  const protocol = POLICY_PROTOCOLS.find((each) => each === name);
  if (protocol === undefined) return undefined;
  const from = Number(first ?? FIRST_PORT);
  const to = Number(last ?? first ?? LAST_PORT);
  return from < FIRST_PORT || to > LAST_PORT || from > to ? undefined : [{ protocol, from, to }];
}

function portsAt(at: Place): PortSet | undefined {
  if (!isThere(at)) return undefined;
  const sets = oneOrMoreAt(at).flatMap((item) => {
    // A bare 5432 is a number to YAML: what is missing is its protocol, not quotes.
    const text = typeof item.value === 'number' ? String(item.value) : textAt(item);
    const ports = text === undefined ? undefined : portsOf(text);
    if (text !== undefined && ports === undefined) complain(item, 'port_invalid', text);
    return ports ?? [];
  });
  return portSetOf(sets);
}

/** Names of segments, whether they exist is asked later; undefined when the field is not there. */
const namesAt = (at: Place): readonly string[] | undefined =>
  isThere(at)
    ? oneOrMoreAt(at)
        .map(textAt)
        .filter((name) => name !== undefined)
    : undefined;

function exceptionAt(at: Place): Exception {
  if (hasFields(at, EXCEPTION_FIELDS)) {
    const isAboutAll = ['from', 'reaches', 'ports'].every((name) => !isThere(fieldAt(at, name)));
    if (isAboutAll) complain(at, 'exception_says_nothing');
  }
  return {
    from: namesAt(fieldAt(at, 'from')),
    reaches: namesAt(fieldAt(at, 'reaches')),
    ports: portsAt(fieldAt(at, 'ports')),
    why: textAt(fieldAt(at, 'why')) ?? '',
  };
}

function severityAt(at: Place): Severity {
  const known = SEVERITIES.find((each) => each === at.value);
  if (isThere(at) && known === undefined) complain(at, 'severity_unknown', readsAs(at.value));
  return known ?? 'high';
}

function verbAt(at: Place): Verb {
  const said = VERBS.filter((verb) => isThere(fieldAt(at, verb)));
  if (said.length === 0) complain(at, 'verb_missing');
  if (said.length > 1) complain(at, 'verbs_mixed', said.join(' and '));
  return said[0] ?? 'never';
}

function hopsAt(at: Place, verb: Verb): number | 'any' {
  const through = fieldAt(at, 'through');
  const hops = fieldAt(at, 'hops');
  if (isThere(through) && typeof through.value !== 'boolean')
    complain(through, 'through_unknown', readsAs(through.value));
  if (through.value === true && verb !== 'never') complain(through, 'through_misplaced');
  if (isThere(hops) && through.value !== true) complain(hops, 'hops_misplaced');
  if (through.value !== true) return 1;
  if (!isThere(hops)) return 'any';
  const { value } = hops;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 2 && value <= MOST_HOPS) return value;
  complain(hops, 'hops_invalid', readsAs(value));
  return 'any';
}

function idAt(at: Place): string {
  const id = textAt(at);
  if (id !== undefined && !ID.test(id)) complain(at, 'id_invalid', id);
  return id ?? '';
}

/** Reads one item of `assertions`; undefined, and a fault, for what is no set of fields. */
export function assertionAt(at: Place): Assertion | undefined {
  if (!hasFields(at, FIELDS)) return undefined;
  const verb = verbAt(at);
  const reaches = fieldAt(at, 'reaches');
  if (!isThere(reaches)) complain(reaches, 'missing');
  const ports = portsAt(fieldAt(at, 'ports'));
  if (verb === 'may' && ports === undefined) complain(fieldAt(at, 'ports'), 'ports_needed');
  return {
    id: idAt(fieldAt(at, 'id')),
    verb,
    from: namesAt(fieldAt(at, verb)) ?? [],
    reaches: namesAt(reaches) ?? [],
    ports,
    hops: hopsAt(at, verb),
    except: itemsAt(fieldAt(at, 'except')).map(exceptionAt),
    why: textAt(fieldAt(at, 'why')) ?? '',
    severity: severityAt(fieldAt(at, 'severity')),
    path: at.path,
  };
}
