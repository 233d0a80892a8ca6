const ATTEMPTS_AT_MOST = 10;
const WINDOW_MS = 60_000;
const ADDRESSES_AT_MOST = 10_000;

/** Failed logins by address. The table refuses newcomers when it is full: nobody can push a counter out of it. */
export interface Attempts {
  isAllowed(address: string): boolean;
  failed(address: string): void;
}

/** An empty table; `now` is the clock in epoch ms. */
export function createAttempts(now: () => number): Attempts {
  const counters = new Map<string, { count: number; readonly until: number }>();
  const live = (address: string): { count: number } | undefined => {
    const counter = counters.get(address);
    if (counter === undefined || counter.until > now()) return counter;
    counters.delete(address);
    return undefined;
  };
  const hasRoom = (): boolean => {
    if (counters.size < ADDRESSES_AT_MOST) return true;
    // Counters stand in the order in which they end: a full table costs nothing to look at.
    for (const [address, { until }] of counters) {
      if (until > now()) break;
      counters.delete(address);
    }
    return counters.size < ADDRESSES_AT_MOST;
  };
  return {
    isAllowed(address) {
      const counter = live(address);
      return counter === undefined ? hasRoom() : counter.count < ATTEMPTS_AT_MOST;
    },
    failed(address) {
      const counter = live(address);
      if (counter !== undefined) counter.count += 1;
      else if (hasRoom()) counters.set(address, { count: 1, until: now() + WINDOW_MS });
    },
  };
}
