import type { BaselineRecord } from '#core/baseline/baseline.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { inSlices, type Pace } from './in-slices.ts';
import type { Because } from './workspace.ts';

/** What a proposal is wanted for. */
export interface Wanted {
  readonly record: BaselineRecord;
  readonly because: Because;
}

/** What a proposer works with. */
export interface ProposerOptions {
  /** Makes a proposal step by step. */
  readonly steps: (wanted: Wanted) => Generator<unknown, Proposal>;
  readonly pace: Pace;
  /** Stores a finished proposal. */
  readonly keep: (proposal: Proposal, wanted: Wanted) => Promise<void>;
}

/**
 * Makes one proposal at a time while everything else goes on. Whoever wants another meanwhile takes the place of the
 * one under way: it would be out of date when it is done. So nothing queues up, however fast decisions come.
 */
export class Proposer {
  private readonly options: ProposerOptions;
  private wanted: Wanted | undefined;
  private working: Promise<void> | undefined;
  private isStopped = false;

  constructor(options: ProposerOptions) {
    this.options = options;
  }

  /** Resolves once this proposal, or a newer one that took its place, is kept; or once the proposer was stopped. */
  propose(wanted: Wanted): Promise<void> {
    this.wanted = wanted;
    this.working ??= this.work();
    return this.working;
  }

  /** Drops what is under way; nothing is made afterwards. */
  stop(): void {
    this.isStopped = true;
  }

  private async work(): Promise<void> {
    const { steps, pace, keep } = this.options;
    try {
      for (let wanted = this.wanted; wanted !== undefined && !this.isStopped; wanted = this.wanted) {
        const current = wanted;
        const isUnwanted = (): boolean => this.isStopped || this.wanted !== current;
        const proposal = await inSlices(steps(current), pace, isUnwanted);
        if (proposal === undefined) continue;
        await keep(proposal, current);
        if (this.wanted === current) this.wanted = undefined;
      }
    } finally {
      // In the same turn of the event loop as the last look at `wanted`: nobody can come in between and be forgotten.
      this.wanted = undefined;
      this.working = undefined;
    }
  }
}
