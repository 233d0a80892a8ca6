import { FIELDS, SCOPE_NAMES } from './fields.ts';

/** By number of a scope, its fields by name. */
const BY_NAME: readonly ReadonlyMap<string, number>[] = SCOPE_NAMES.map(
  (own) => new Map(FIELDS.flatMap(({ scope, name }, field) => (scope === own ? [[name, field]] : []))),
);

/** The field of a scope that has this name; -1 when it is none. */
export const fieldNamed = (scope: number, name: string): number => BY_NAME[scope]?.get(name) ?? -1;
