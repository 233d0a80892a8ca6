/** How many packets a client may send: a burst, refilled at a steady rate. */
export const PACKET_BURST = 20;
export const PACKETS_PER_SECOND = 2;

/** Counts one client's packets; `take` says false once it sends more than it may. `now` is the clock in epoch ms. */
export function createPacketBudget(now: () => number): { take(): boolean } {
  let left = PACKET_BURST;
  let countedAt = now();
  return {
    take() {
      const at = now();
      left = Math.min(PACKET_BURST, left + ((at - countedAt) / 1000) * PACKETS_PER_SECOND);
      countedAt = at;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
