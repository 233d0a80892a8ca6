/** The parts of JSON Schema that the API server's published schemas use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
}

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

function typeFaults({ type }: Schema, value: unknown, at: string): readonly string[] {
  if (type === undefined) return [];
  const own = typeOf(value);
  const allowed = [type].flat();
  return allowed.includes(own) || (own === 'integer' && allowed.includes('number'))
    ? []
    : [`${at}: is ${own}`];
}

function objectFaults(schema: Schema, value: unknown, at: string): readonly string[] {
  if (typeOf(value) !== 'object') return [];
  const fields = value as Readonly<Record<string, unknown>>;
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(fields, name));
  const { properties = {}, additionalProperties: rest } = schema;
  const inner = Object.entries(fields).flatMap(([name, each]) => {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (own !== undefined) return faultsAgainst(own, each, `${at}.${name}`);
    if (rest === false) return [`${at}.${name}: is no field`];
    return typeof rest === 'object' ? faultsAgainst(rest, each, `${at}.${name}`) : [];
  });
  return [...missing.map((name) => `${at}.${name}: is missing`), ...inner];
}

/** Everything in the value that the schema does not allow, with its path. */
export function faultsAgainst(schema: Schema, value: unknown, at = '$'): readonly string[] {
  const { enum: values, items, oneOf } = schema;
  const isListed = values === undefined || values.some((each) => each === value);
  const alternatives = (oneOf ?? []).filter((each) => faultsAgainst(each, value, at).length === 0);
  return [
    ...typeFaults(schema, value, at),
    ...(isListed ? [] : [`${at}: is not one of ${JSON.stringify(values)}`]),
    ...(oneOf !== undefined && alternatives.length !== 1
      ? [`${at}: fits ${alternatives.length} alternatives`]
      : []),
    ...objectFaults(schema, value, at),
    ...(Array.isArray(value) && items !== undefined
      ? value.flatMap((each, index) => faultsAgainst(items, each, `${at}[${index}]`))
      : []),
  ];
}
