import { isLabelKey, isLabelValue, parseNamespaceName, parseObjectName } from '#core/identity/names.ts';
import { type AddressRange, rangeOfCidr } from '../connections/address-range.ts';
import {
  complain,
  entriesAt,
  fieldAt,
  hasFields,
  isThere,
  itemsAt,
  oneOrMoreAt,
  type Place,
  textAt,
} from './file-reader.ts';
import {
  BUILT_IN_SEGMENTS,
  type LabelWish,
  type Membership,
  type NamedWorkload,
  type Segment,
} from './segments-file.ts';

const POD_FIELDS = ['namespaces', 'namespaceLabels', 'workloads', 'pods'];
const ADDRESS_FIELDS = ['cidrs', 'exceptCidrs'];
const FIELDS = [...POD_FIELDS, ...ADDRESS_FIELDS, 'any', 'empty'];

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What a text stands for; undefined, and a fault, when it is none. */
function parsedAt<T>(
  at: Place,
  parse: (text: string) => T | undefined,
  code: Parameters<typeof complain>[1],
): readonly T[] {
  const text = textAt(at);
  if (text === undefined) return [];
  const parsed = parse(text);
  if (parsed !== undefined) return [parsed];
  complain(at, code, text);
  return [];
}

function workloadNamed(text: string): NamedWorkload | undefined {
  const [, space = '', own = '', kind] = /^([^/]+)\/([^/[\]]+)(?:\[([A-Za-z]{1,63})\])?$/.exec(text) ?? [];
  const namespace = parseNamespaceName(space);
  const name = parseObjectName(own);
  return namespace === undefined || name === undefined ? undefined : { namespace, name, kind };
}

const cidrOf = (text: string): string | undefined => (rangeOfCidr(text) === undefined ? undefined : text);

const labelValue = (at: Place): readonly string[] => {
  if (at.value === '') return [''];
  return parsedAt(at, (text) => (isLabelValue(text) ? text : undefined), 'label_value_invalid');
};

function wishesAt(at: Place): readonly LabelWish[] {
  if (!isThere(at)) return [];
  const entries = entriesAt(at);
  if (entries.length === 0) complain(at, 'list_empty');
  return entries.map(([key, place]) => {
    if (!isLabelKey(key)) complain(place, 'label_key_invalid', key);
    return { key, values: oneOrMoreAt(place).flatMap(labelValue) };
  });
}

const isInside = (inner: AddressRange, outer: AddressRange): boolean =>
  inner.family === outer.family && outer.first <= inner.first && inner.last <= outer.last;

function addressesAt(at: Place): Membership {
  const cidrs = itemsAt(fieldAt(at, 'cidrs')).flatMap((item) => parsedAt(item, cidrOf, 'cidr_invalid'));
  const whole = cidrs.map(rangeOfCidr).filter((range) => range !== undefined);
  const except = itemsAt(fieldAt(at, 'exceptCidrs')).flatMap((item) => {
    const [cidr] = parsedAt(item, cidrOf, 'cidr_invalid');
    const range = cidr === undefined ? undefined : rangeOfCidr(cidr);
    if (cidr === undefined || range === undefined) return [];
    if (!whole.some((outer) => isInside(range, outer))) complain(item, 'cidr_outside', cidr);
    return [cidr];
  });
  return { kind: 'addresses', cidrs, except };
}

const podsAt = (at: Place): Membership => ({
  kind: 'pods',
  namespaces: itemsAt(fieldAt(at, 'namespaces')).flatMap((item) =>
    parsedAt(item, parseNamespaceName, 'namespace_invalid'),
  ),
  namespaceLabels: wishesAt(fieldAt(at, 'namespaceLabels')),
  workloads: itemsAt(fieldAt(at, 'workloads')).flatMap((item) =>
    parsedAt(item, workloadNamed, 'workload_invalid'),
  ),
  pods: wishesAt(fieldAt(at, 'pods')),
});

function membersAt(at: Place): Membership {
  const has = (fields: readonly string[]): boolean => fields.some((name) => isThere(fieldAt(at, name)));
  const any = fieldAt(at, 'any');
  const kinds = [has(POD_FIELDS), has(ADDRESS_FIELDS), isThere(any)].filter(Boolean).length;
  if (kinds === 0) complain(at, 'segment_says_nothing');
  if (kinds > 1) complain(at, 'segment_kinds_mixed');
  if (isThere(any))
    return {
      kind: 'any',
      names: itemsAt(any)
        .map(textAt)
        .filter((name) => name !== undefined),
    };
  return has(ADDRESS_FIELDS) ? addressesAt(at) : podsAt(at);
}

/** Reads one entry of `segments`. */
export function segmentAt(name: string, at: Place): Segment {
  const isTaken = BUILT_IN_SEGMENTS.some((each) => each === name);
  if (isTaken) complain(at, 'segment_name_taken', name);
  else if (!NAME.test(name)) complain(at, 'segment_name_invalid', name);
  const { path } = at;
  const nobody: Membership = { kind: 'any', names: [] };
  if (!hasFields(at, FIELDS)) return { name, members: nobody, mayBeEmpty: false, path };
  const empty = fieldAt(at, 'empty');
  if (isThere(empty) && empty.value !== 'allowed') complain(empty, 'empty_unknown');
  return { name, members: membersAt(at), mayBeEmpty: empty.value === 'allowed', path };
}
