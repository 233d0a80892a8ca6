import { mayMean, type Requirement, type Selector } from '../fast/selector.ts';
import type { Labels } from '../world.ts';

/** All that a selector asks of one label. */
interface Wish {
  /** The values it may have; undefined: any. */
  allowed: readonly string[] | undefined;
  readonly forbidden: Set<string>;
  mustExist: boolean;
}

function add(wish: Wish, { kind, values }: Requirement): void {
  if (kind === 'in') {
    wish.allowed = wish.allowed === undefined ? values : wish.allowed.filter((each) => values.includes(each));
    wish.mustExist = true;
  }
  if (kind === 'exists') wish.mustExist = true;
  if (kind === 'not-in') for (const value of values) wish.forbidden.add(value);
}

/** A value nobody forbids; empty when there is none, which the check at the end then finds. */
function valueFor({ allowed, forbidden }: Wish): string {
  if (allowed !== undefined) return allowed.find((value) => !forbidden.has(value)) ?? '';
  let value = 'any';
  for (let index = 2; forbidden.has(value); index += 1) value = `any-${index}`;
  return value;
}

/**
 * The fewest labels that satisfy a selector, sorted by key, beside those given; undefined when none can, or when the
 * selector is malformed and so matches nobody.
 */
export function labelsFor(selector: Selector, given: Labels = []): Labels | undefined {
  const wishes = new Map<string, Wish>();
  for (const requirement of selector.requirements) {
    const wish = wishes.get(requirement.key) ?? {
      allowed: undefined,
      forbidden: new Set(),
      mustExist: false,
    };
    wishes.set(requirement.key, wish);
    add(wish, requirement);
  }
  const labels = new Map(given);
  for (const [key, wish] of [...wishes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (wish.mustExist && !labels.has(key)) labels.set(key, valueFor(wish));
  }
  const made = [...labels];
  return selector.isSound && mayMean(selector, made) ? made : undefined;
}
