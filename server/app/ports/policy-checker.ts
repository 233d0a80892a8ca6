import type { ServerCheck } from '#core/policy/dry-run/dry-run-answer.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Result } from '#core/result.ts';

/** Somebody who says whether policies would be taken, without taking them: an API server, asked for dry runs. */
export interface PolicyChecker {
  /**
   * Asks about each policy, and calls back after each. One sentence when nobody can be asked; what could not be said of
   * a single policy is in the answer.
   */
  check(
    policies: readonly NetworkPolicy[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<Result<ServerCheck, string>>;
}
