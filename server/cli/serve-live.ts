import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type EpochMs, formatInstant } from '#core/flow/time.ts';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { NamespaceName } from '#core/identity/names.ts';
import {
  type ClusterAccess,
  type CollectorClock,
  collectLive,
  type FollowedSet,
  type LiveCollector,
  type LiveStatus,
  type RelayTarget,
} from '../../collector/main.ts';
import type { TrainingPlan } from '../app/first-window.ts';
import type { TrainingInput } from '../app/live-workspace.ts';
import { scopeOf } from '../app/scope-of.ts';
import type { SourceStatus } from '../app/workspace.ts';
import type { ServedSource, ServedTraining } from './served-source.ts';
import { printable, type Terminal, UsageError } from './terminal.ts';

export interface LiveSourceOptions {
  readonly targets: readonly RelayTarget[];
  readonly followed: readonly FollowedSet[];
  readonly cluster?: string | undefined;
  /** Learn and propose for these only; empty means all. */
  readonly namespaces: readonly NamespaceName[];
  /** How long to learn, by the time of the flows. */
  readonly trainForMs: number;
  /** Learn until this instant instead. */
  readonly trainUntil?: EpochMs | undefined;
  readonly terminal: Terminal;
  /** The cluster whose inventory is followed beside the flows. */
  readonly access?: ClusterAccess | undefined;
  /** Watch only these of its namespaces; empty means all. */
  readonly watchNamespaces?: readonly string[];
  wallClock(): EpochMs;
}

/** Reports across nodes may be this late; what is learnt waits for them. */
const LATENESS_MS = 10_000;
const LOOK_MS = 1000;
/** Wall time beyond the window after which it closes though the flows' own time does not get there: no traffic. */
const GRACE_MS = 60_000;

const titleOf = ({ targets, followed }: LiveSourceOptions): string => {
  const names = [...targets.map(({ address }) => address.text), ...followed.map(({ path }) => path)];
  const [first = ''] = names;
  return names.length === 1 ? first : `${first} and ${names.length - 1} more`;
};

const statusView = ({ name, kind, state, problem, bytesRead, summary, live }: LiveStatus): SourceStatus => ({
  name,
  kind,
  state,
  problem,
  bytesRead,
  bytesTotal: undefined,
  summary,
  live,
});

/** The part of the flows' own time that is learnt from. */
class OpenWindow {
  readonly #options: LiveSourceOptions;
  readonly #beganAtMs: number;
  #until: EpochMs | undefined = undefined;
  #earliest: EpochMs = 0;
  #lookedAt: EpochMs | undefined = undefined;
  #hasJumped = false;
  #toldUntil: EpochMs | undefined = undefined;

  constructor(options: LiveSourceOptions) {
    this.#options = options;
    this.#beganAtMs = options.terminal.monotonicMs();
  }

  /** The plan as far as it is known: from the first flow on. */
  plan(collector: LiveCollector): TrainingPlan | undefined {
    const now = collector.now();
    const { span } = collector.coverage();
    if (now === undefined || span === undefined) return undefined;
    const { trainForMs, trainUntil, cluster, namespaces } = this.#options;
    if (this.#until === undefined || this.#isJump(now)) {
      this.#until = trainUntil ?? now + trainForMs;
      this.#earliest = now - trainForMs; // a node whose clock is far behind does not make the window longer
    }
    this.#lookedAt = now;
    const from = trainUntil === undefined ? Math.max(span.from, this.#earliest) : span.from;
    return {
      scope: scopeOf(collector.world(), { cluster, namespaces }),
      window: { from, until: this.#until },
    };
  }

  /**
   * Time that goes on by more than the whole window within one look is no time that passed: the flows that opened the
   * window came from a clock that is wrong, so it opens again. Once: a recording may be replayed at any speed.
   */
  #isJump(now: EpochMs): boolean {
    const { trainForMs, trainUntil } = this.#options;
    if (trainUntil !== undefined || this.#hasJumped || this.#lookedAt === undefined) return false;
    this.#hasJumped = Math.abs(now - this.#lookedAt) > trainForMs;
    return this.#hasJumped;
  }

  /** Says until when is learnt, each time that is another instant. */
  tell({ window: { until } }: TrainingPlan): void {
    if (until === this.#toldUntil) return;
    this.#toldUntil = until;
    this.#options.terminal.out(
      `bulkhead: learning until ${formatInstant(until)}, by the time of the flows; drift is watched for from then on\n`,
    );
  }

  /** True once nothing more can come that belongs to the window. */
  isOver({ window }: TrainingPlan, now: EpochMs): boolean {
    if (now >= window.until + LATENESS_MS) return true;
    if (this.#options.trainUntil !== undefined) return this.#options.wallClock() >= window.until + GRACE_MS;
    const spentMs = this.#options.terminal.monotonicMs() - this.#beganAtMs;
    return spentMs >= this.#options.trainForMs + GRACE_MS;
  }
}

function tellNews({ terminal }: LiveSourceOptions, sentence: string): void {
  terminal.err(`bulkhead: ${printable(sentence)}\n`);
}

/** Resolves with the plan once the first flow has come; undefined when an earlier baseline was taken up instead. */
async function untilPlanned(
  window: OpenWindow,
  collector: LiveCollector,
  { host, signal, relearn }: ServedTraining,
): Promise<TrainingPlan | undefined> {
  for (;;) {
    await wait(LOOK_MS, undefined, { signal });
    const plan = window.plan(collector);
    if (plan === undefined) continue;
    return !relearn && (await host.resume(plan.scope)) ? undefined : plan;
  }
}

/** Resolves with the plan once its window is over; who is seen meanwhile is part of it. */
async function untilOver(
  window: OpenWindow,
  collector: LiveCollector,
  { host, signal }: ServedTraining,
): Promise<TrainingPlan> {
  for (;;) {
    const plan = window.plan(collector);
    if (plan !== undefined) {
      window.tell(plan);
      host.expect(plan);
    }
    if (plan !== undefined && window.isOver(plan, collector.now() ?? 0)) return plan;
    await wait(LOOK_MS, undefined, { signal });
  }
}

/** Resolves with what was learnt once the window closes; undefined when an earlier baseline was taken up instead. */
async function learnFrom(
  collector: LiveCollector,
  builder: GraphBuilder,
  { options, training }: { readonly options: LiveSourceOptions; readonly training: ServedTraining },
): Promise<TrainingInput | undefined> {
  const window = new OpenWindow(options);
  const planned = await untilPlanned(window, collector, training);
  if (planned === undefined) return undefined;
  const plan = await untilOver(window, collector, training);
  if (plan.window.until <= plan.window.from) {
    throw new UsageError('--train-until lies before the first flow.');
  }
  collector.flush();
  return { graph: builder.snapshot(), world: collector.world(), coverage: collector.coverage(), ...plan };
}

/** Servers that are followed, and exports that are being written: learnt for a while, then watched for drift. */
export function liveSource(options: LiveSourceOptions): ServedSource {
  const { targets, followed, cluster, terminal } = options;
  let forward: (window: EdgeWindow) => void = () => undefined;
  const clock: CollectorClock = {
    wallMs: () => options.wallClock(),
    monotonicMs: () => terminal.monotonicMs(),
    random: () => randomInt(2 ** 32) / 2 ** 32,
  };
  const onNews = ({ sentence }: { readonly sentence: string }): void => tellNews(options, sentence);
  const inventory = options.access && {
    access: options.access,
    namespaces: options.watchNamespaces ?? [],
  };
  const collector = collectLive({ targets, followed, cluster, clock, onNews, inventory }, (window) =>
    forward(window),
  );
  return {
    mode: 'live',
    title: titleOf(options),
    world: () => collector.world(),
    sources: () => collector.statuses().map(statusView),
    check: async () => undefined,
    async train(send, training) {
      const builder = new GraphBuilder();
      forward = (window) => {
        builder.apply(window);
        send(window);
      };
      collector.start();
      try {
        return await learnFrom(collector, builder, { options, training });
      } finally {
        forward = send;
      }
    },
    replay: undefined,
    close: () => collector.stop(),
  };
}
