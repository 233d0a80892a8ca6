import type { LiveHealth } from '#core/flow/live-health.ts';
import type { SourceSummary } from '#core/flow/source-summary.ts';

/** How a source is doing that goes on until it is stopped. Nothing is escaped. */
export interface LiveSourceStatus {
  readonly name: string;
  readonly kind: 'hubble' | 'file';
  readonly state: 'connecting' | 'live' | 'failed';
  /** One sentence while the source delivers nothing because of it. */
  readonly problem: string | undefined;
  readonly bytesRead: number;
  readonly summary: SourceSummary;
  readonly live: LiveHealth;
}

/** A source that goes on until it is stopped. */
export interface LiveSource {
  start(): void;
  /** Ends; what was received is handed on before it resolves. */
  stop(): Promise<void>;
  /** To be called once a second. */
  tick(): void;
  /** True while it delivers, or would if there were traffic. */
  isLive(): boolean;
  status(): LiveSourceStatus;
}
