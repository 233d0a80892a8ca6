/** Distinct values by key. Most keys have one value, which is then kept without a set around it. */
export class MultiIndex<Value extends string = string> {
  readonly #values = new Map<string, Value | Set<Value>>();

  add(key: string, value: Value): void {
    const known = this.#values.get(key);
    if (known === undefined) this.#values.set(key, value);
    else if (typeof known !== 'string') known.add(value);
    else if (known !== value) this.#values.set(key, new Set([known, value]));
  }

  has(key: string, value: Value): boolean {
    const known = this.#values.get(key);
    return typeof known === 'string' ? known === value : known?.has(value) === true;
  }

  get(key: string): readonly Value[] {
    const known = this.#values.get(key);
    if (known === undefined) return [];
    return typeof known === 'string' ? [known] : [...known];
  }

  /** The value of a key that has exactly one. */
  only(key: string): Value | undefined {
    const known = this.#values.get(key);
    return typeof known === 'string' ? known : undefined;
  }

  /** Takes one value from a key; the key goes with its last one. */
  delete(key: string, value: Value): void {
    const rest = this.get(key).filter((each) => each !== value);
    const [first] = rest;
    if (first === undefined) this.#values.delete(key);
    else this.#values.set(key, rest.length === 1 ? first : new Set(rest));
  }
}

/** Items with the same key together, groups and items in the order in which they came. */
export function groupedBy<Item>(items: Iterable<Item>, key: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
