import type { Conversation } from '#core/flow/conversation.ts';
import { createConversationTable } from '#core/flow/conversation-table.ts';
import type { Coverage } from '#core/flow/coverage.ts';
import { createCoverageTally } from '#core/flow/coverage-tally.ts';
import type { Flow } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import { createListenerBook } from '#core/graph/listener-book.ts';
import { DIRECTORY_DEFAULTS } from '#core/identity/directory.ts';
import { createInformedDirectory } from '#core/identity/informed-directory.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import type { Told } from '#core/inventory/told.ts';
import { createClosedMemory } from './closed-memory.ts';
import { createLateIdentity } from './late-identity.ts';
import { settleBatch } from './settle-batch.ts';

export interface PipelineOptions {
  /** The cluster of flows that name none. */
  readonly cluster: string;
  /** Open conversations at most; beyond it the tenth that was quiet longest is closed early. */
  readonly maxConversations: number;
  /** The cluster whose inventory will be told, if one will be; `name` where there are several. */
  readonly inventory?: { readonly cluster: string | undefined } | undefined;
}

export const PIPELINE_DEFAULTS: PipelineOptions = {
  cluster: DIRECTORY_DEFAULTS.cluster,
  maxConversations: 50_000,
};

/** From decoded flows to edges: who, which way, one conversation per connection. Names no vendor. */
export interface Pipeline {
  add(flow: Flow): void;
  /** A flow that came without a time: its edge is real, its place in time is not. */
  addTimeless(flow: Flow): void;
  lost(count: bigint): void;
  nodeStatus(nodes: readonly string[], state: 'silent' | 'connected'): void;
  /**
   * Takes in what an inventory tells. What was sent under another answer is corrected: taken off the old edge, added to
   * the right one.
   */
  learn(told: Told): void;
  /** Sends on what is finished: conversations last seen before `until`, all of them without it. */
  flush(until?: EpochMs): void;
  coverage(): Coverage;
  world(): SeenWorld;
}

/** Traced and translated packets have no verdict yet, and socket records no client port: no edge, no port. */
const isSocketRecord = (flow: Flow): boolean =>
  flow.kind === 'socket' || flow.verdict === 'traced' || flow.verdict === 'translated';

/**
 * A pipeline that sends its windows to `send`. Memory grows with open conversations and pods, never with flows. A
 * conversation that goes on after it was closed counts once, as long as the memory of closed conversations holds it.
 */
export function createPipeline(
  send: (window: EdgeWindow) => void,
  options: PipelineOptions = PIPELINE_DEFAULTS,
): Pipeline {
  const table = createConversationTable();
  const own = { ...DIRECTORY_DEFAULTS, cluster: options.cluster };
  const directory = createInformedDirectory(own, options.inventory?.cluster);
  const listeners = createListenerBook();
  const memory = createClosedMemory();
  const tally = createCoverageTally();
  const late = createLateIdentity({ directory, listeners });

  const correct = (touched: ReadonlySet<string>): void => {
    const corrected = late.recheck(touched);
    if (corrected.edges.length === 0 && corrected.setAside.length + corrected.takenUp.length === 0) return;
    for (const { reason, conversation } of corrected.takenUp) tally.takenUp(reason, conversation);
    for (const { reason, conversation } of corrected.setAside) tally.setAside(reason, conversation);
    const renames = directory.takeRenames();
    const namings = directory.addressNames.takeNamings();
    send({ renames, namings, edges: corrected.edges, coverage: tally.read() });
  };

  const close = (batch: readonly Conversation[], when: 'early' | 'in-time'): void => {
    const renames = directory.takeRenames(); // before new answers are given
    const settled = settleBatch(batch, { directory, listeners, memory });
    tally.conversations(settled.counted, when === 'early' ? settled.counted.length : 0);
    tally.conflicts(settled.directionConflicts);
    for (const { reason, conversation } of settled.setAside) tally.setAside(reason, conversation);
    const namings = directory.addressNames.takeNamings();
    send({ renames, namings, edges: settled.edges, coverage: tally.read() });
    if (options.inventory !== undefined) late.hold(batch);
  };

  const add = (flow: Flow): void => {
    if (isSocketRecord(flow)) {
      tally.socketRecord();
      return;
    }
    directory.observe(flow.source, flow.at);
    directory.observe(flow.destination, flow.at);
    table.add(flow);
    if (table.size <= options.maxConversations) return;
    close(table.closeOldest(Math.ceil(options.maxConversations / 10)), 'early');
  };

  return {
    add(flow) {
      tally.flow(flow);
      add(flow);
    },
    addTimeless(flow) {
      tally.timeless();
      add(flow);
    },
    lost: (count) => tally.lost(count),
    nodeStatus: (nodes, state) => tally.nodeStatus(nodes, state),
    learn(told) {
      const touched = directory.learn(told);
      if (touched.size > 0) correct(touched);
    },
    flush: (until) => close(table.close(until), 'in-time'),
    coverage: () => tally.read(),
    world: () => directory.world(),
  };
}
