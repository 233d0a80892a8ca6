import type { EdgeWindow } from '#core/graph/edge-window.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import type { TrainingPlan } from '../app/first-window.ts';
import type { Playable } from '../app/follow-demo.ts';
import type { TrainingInput } from '../app/live-workspace.ts';
import type { SourceStatus } from '../app/workspace.ts';

/** What a source that goes on for ever needs of the workspace while its first window is open. */
export interface LiveHost {
  /** Says what will be learnt, and when. */
  expect(plan: TrainingPlan): void;
  /** Goes on with an earlier baseline of this scope; false when there is none. */
  resume(scope: TrainingPlan['scope']): Promise<boolean>;
}

/** What learning may ask of the server meanwhile. */
export interface ServedTraining {
  readonly signal: AbortSignal;
  /** The workspace, as a source that goes on for ever needs it. */
  readonly host: LiveHost;
  /** Learn anew, whatever earlier runs learnt. */
  readonly relearn: boolean;
}

/** Where the flows of a running server come from. */
export interface ServedSource {
  readonly mode: 'demo' | 'file' | 'live';
  readonly title: string;
  world(): SeenWorld;
  sources(): readonly SourceStatus[];
  /** Throws a {@link UsageError} when there is nothing to read at all, before anything is read. */
  check(): Promise<void>;
  /**
   * Reads what there is to learn from; undefined when there is nothing, or when an earlier baseline was taken up. Edges
   * go to `send`. Rejects with the signal's reason once it is aborted.
   */
  train(send: (window: EdgeWindow) => void, training: ServedTraining): Promise<TrainingInput | undefined>;
  /** Plays what comes after; undefined when a file was all there is. */
  readonly replay: Playable | undefined;
  /** Removes what reading left behind. */
  close(): Promise<void>;
}
