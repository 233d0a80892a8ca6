/** `1 edge`, `12 edges`: a count with the form of the noun that fits it. */
export const counted = (count: number | bigint, one: string, many: string): string =>
  `${count} ${Number(count) === 1 ? one : many}`;
