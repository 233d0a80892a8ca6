import type { IEnum, IField, IType } from 'protobufjs/light.js';

/** A field in short: its number, `repeated` where it is, and its type, as in `13 repeated string`. */
type ShortField = `${number} ${string}`;

const REPEATED = 'repeated ';

function fieldOf(short: ShortField): IField {
  const space = short.indexOf(' ');
  const type = short.slice(space + 1);
  const id = Number(short.slice(0, space));
  return type.startsWith(REPEATED)
    ? { rule: 'repeated', type: type.slice(REPEATED.length), id }
    : { type, id };
}

/** Groups of fields of which at most one is set, by the group's name. */
type OneOfs = Readonly<Record<string, readonly string[]>>;

/** A message's descriptor from its fields in short. */
export function message(fields: Readonly<Record<string, ShortField>>, oneofs: OneOfs = {}): IType {
  const groups = Object.entries(oneofs).map(([name, oneof]) => [name, { oneof: [...oneof] }]);
  return {
    fields: Object.fromEntries(Object.entries(fields).map(([name, short]) => [name, fieldOf(short)])),
    ...(groups.length === 0 ? {} : { oneofs: Object.fromEntries(groups) }),
  };
}

/** An enum's descriptor whose numbers begin at `first`; an empty name is a number nobody gave out. */
export function numbered(names: readonly string[], first = 0): IEnum {
  const entries = names.flatMap((name, i) => (name === '' ? [] : [[name, first + i] as const]));
  return { values: Object.fromEntries(entries) };
}

/** An enum's descriptor from names with their numbers. */
export const valued = (values: Readonly<Record<string, number>>): IEnum => ({ values: { ...values } });
