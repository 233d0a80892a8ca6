import {
  isLabelKey,
  isLabelValue,
  type NamespaceName,
  type ObjectName,
  parseNamespaceName,
  parseObjectName,
} from '#core/identity/names.ts';
import { sortedBy } from '#core/order.ts';
import type { Labels } from '../world.ts';
import { type Cursor, deepField, entriesAt, field, isAbsent, itemsAt, report, textAt } from './cursor.ts';
import type { OwnerName } from './decoded-object.ts';

const DEFAULT_NAMESPACE = 'default' as NamespaceName;

/** The object's name. One that the API server will complete (`generateName`) goes by what is given. */
export function nameAt(root: Cursor): ObjectName | undefined {
  const at = deepField(root, 'metadata', 'name');
  const given = textAt(at);
  const generated = given === undefined ? textAt(deepField(root, 'metadata', 'generateName')) : undefined;
  const text = given ?? generated?.replace(/[-.]+$/, '');
  if (text === undefined) {
    if (isAbsent(at)) report(at, 'name_missing');
    return undefined;
  }
  const name = parseObjectName(text);
  if (name === undefined) report(at, 'name_invalid');
  return name;
}

/** The namespace the object lies in; a manifest without one means `default`. */
export function namespaceAt(root: Cursor): NamespaceName | undefined {
  const at = deepField(root, 'metadata', 'namespace');
  const text = textAt(at);
  if (text === undefined || text === '') return DEFAULT_NAMESPACE;
  const namespace = parseNamespaceName(text);
  if (namespace === undefined) report(at, 'namespace_invalid');
  return namespace;
}

/** A set of labels, sorted by key. One that the API server would refuse costs the whole object, as it does there. */
export function labelsAt(at: Cursor): Labels {
  const labels: (readonly [string, string])[] = [];
  for (const [key, value] of entriesAt(at)) {
    const text = isAbsent(value) ? '' : textAt(value);
    if (!isLabelKey(key)) report(value, 'label_key_invalid');
    else if (text !== undefined && !isLabelValue(text)) report(value, 'label_value_invalid');
    if (text !== undefined) labels.push([key, text]);
  }
  return sortedBy(labels, ([key]) => key);
}

/** The object's controller, of which it can have one. Node objects control static pods, which stay themselves. */
export function ownerAt(root: Cursor): OwnerName | undefined {
  for (const at of itemsAt(deepField(root, 'metadata', 'ownerReferences'))) {
    if (field(at, 'controller').value !== true) continue;
    const kind = textAt(field(at, 'kind'));
    if (kind === 'Node') continue;
    const name = parseObjectName(textAt(field(at, 'name')) ?? '');
    if (name === undefined) report(field(at, 'name'), 'name_invalid', { leftOut: 'field' });
    else return { kind: ownerKind(at, kind), name };
  }
  return undefined;
}

function ownerKind(at: Cursor, kind: string | undefined): string {
  if (kind !== undefined && /^[A-Za-z][A-Za-z0-9]{0,62}$/.test(kind)) return kind;
  report(at, 'owner_incomplete', { leftOut: 'field' });
  return 'unknown';
}
