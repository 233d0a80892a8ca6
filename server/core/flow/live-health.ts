import type { EpochMs } from './time.ts';

/** How a source that goes on for ever is doing. */
export interface LiveHealth {
  readonly isConnected: boolean;
  /** The server's own version, as it says it. */
  readonly version: string | undefined;
  /** Nodes that the server says it hears from, and does not; undefined when it does not say. */
  readonly connectedNodes: number | undefined;
  readonly unavailableNodes: number | undefined;
  /** New flows a second, over the last ten. */
  readonly flowsPerSecond: number;
  /** How old the newest flow was when it arrived, by this machine's clock; negative when that clock is behind. */
  readonly lagMs: number | undefined;
  readonly lastFlowAt: EpochMs | undefined;
  readonly reconnects: number;
  /** Flows that came a second time and were left out. */
  readonly duplicates: number;
  /** Flows left out because more came than could be looked at: repeated sights of connections that are known. */
  readonly shedEvidence: number;
  /** Streams that began again later than the last one ended: what happened between is unknown. */
  readonly gaps: number;
  /** Sentences that a person should read, though flows arrive; not escaped. */
  readonly notices: readonly string[];
}
