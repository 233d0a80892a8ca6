/** CPU milliseconds of this process, all its threads: GC, JIT and zlib included. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A piece of work that is measured; what it returns is dropped. */
export type Work = () => unknown;

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/**
 * Median CPU milliseconds of each piece of work. All are run in turn, round after round, so that what disturbs the
 * machine disturbs them alike and their ratios hold; a first round, which warms the compiler up, is not counted.
 */
export async function medianCpuMs<Name extends string>(
  works: ReadonlyMap<Name, Work>,
  rounds: number,
): Promise<ReadonlyMap<Name, number>> {
  const times = new Map<Name, number[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, work] of works) {
      const before = cpuMs();
      await work();
      const spent = cpuMs() - before;
      if (round > 0) times.set(name, [...(times.get(name) ?? []), spent]);
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}
