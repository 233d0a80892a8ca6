import { Random } from '#core/simulation/random.ts';

/** Digits of the seed that one number can hold. */
const SEED_DIGITS = 13;

/** Draws at random, and the same for the same seed: hexadecimal digits, such as a hash has. */
export class Lots {
  private readonly random: Random;

  constructor(seed: string) {
    const digits = /^[0-9a-f]+/.exec(seed)?.[0].slice(0, SEED_DIGITS) ?? '0';
    this.random = new Random(Number.parseInt(digits, 16), 0);
  }

  /** One of the items, all equally likely; undefined when there is none. */
  oneOf<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[this.random.between(0, items.length - 1)];
  }

  /** A whole number from 0 up to, never reaching, the limit. */
  below(limit: number): number {
    return this.random.between(0, limit - 1);
  }
}

/** How many of `all` draws fall to the part at `index` of `parts`, spread evenly. */
export const shareAt = (all: number, index: number, parts: number): number =>
  Math.floor(((index + 1) * all) / parts) - Math.floor((index * all) / parts);
