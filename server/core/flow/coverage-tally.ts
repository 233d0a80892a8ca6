import { compareText, sortedText } from '#core/order.ts';
import { recordOf } from '#core/record.ts';
import type { Conversation } from './conversation.ts';
import { type Coverage, SET_ASIDE_REASONS, type SetAside, type SetAsideReason } from './coverage.ts';
import type { Flow, FlowEndpoint } from './flow.ts';
import { type EpochMs, formatInstant } from './time.ts';

const EXAMPLES_KEPT = 5;
const TEXT_KEPT = 120;
const NODES_KEPT = 10_000;

interface Examples {
  readonly lines: readonly { readonly at: EpochMs; readonly text: string }[];
  readonly latestKeptAt: EpochMs;
}

const NO_EXAMPLES: Examples = { lines: [], latestKeptAt: 0 };

const cut = (text: string): string => (text.length > TEXT_KEPT ? `${text.slice(0, TEXT_KEPT)}…` : text);

function describeEndpoint(endpoint: FlowEndpoint): string {
  const name = endpoint.pod === undefined ? undefined : `${endpoint.namespace ?? '?'}/${endpoint.pod}`;
  const entity = endpoint.entities.length > 0 ? endpoint.entities.join('+') : undefined;
  const who = name ?? endpoint.namespace ?? entity ?? 'no identity';
  return cut(`${who} (${endpoint.ip ?? 'no address'}:${endpoint.port ?? '-'})`);
}

function describeConversation(conversation: Conversation): string {
  const { a, b, protocol, firstAt } = conversation;
  const when = firstAt === 0 ? 'time unknown' : formatInstant(firstAt);
  return `${when} ${protocol} ${describeEndpoint(a.endpoint)} <> ${describeEndpoint(b.endpoint)}`;
}

/** The first examples in order of time and text; lines are written only for conversations early enough to be kept. */
function withExample(examples: Examples, conversation: Conversation): Examples {
  const { latestKeptAt, lines } = examples;
  if (lines.length === EXAMPLES_KEPT && conversation.firstAt > latestKeptAt) return examples;
  const kept = [...lines, { at: conversation.firstAt, text: describeConversation(conversation) }]
    .sort((a, b) => a.at - b.at || compareText(a.text, b.text))
    .slice(0, EXAMPLES_KEPT);
  return { lines: kept, latestKeptAt: kept.at(-1)?.at ?? 0 };
}

/** Counts what was lost, unknown or left out, while flows arrive. */
export interface CoverageTally {
  flow(flow: Flow): void;
  socketRecord(): void;
  timeless(): void;
  lost(count: bigint): void;
  nodeStatus(nodes: readonly string[], isSilent: 'silent' | 'connected'): void;
  conversations(batch: readonly Conversation[], closedEarly: number): void;
  setAside(reason: SetAsideReason, conversation: Conversation): void;
  /** Takes back what was said with {@link setAside}: the conversation is an edge after all. Examples stay. */
  takenUp(reason: SetAsideReason, conversation: Conversation): void;
  conflicts(count: number): void;
  read(): Coverage;
}

const isTransport = (conversation: Conversation): boolean =>
  conversation.protocol === 'TCP' || conversation.protocol === 'UDP';

const UNDECIDED: ReadonlySet<SetAsideReason> = new Set(['undecided-direction', 'ephemeral-server-port']);

/** A tally with everything at zero. Bounded: a few examples of each reason, and names of nodes. */
export function createCoverageTally(): CoverageTally {
  const counts = { flows: 0, conversations: 0, transportConversations: 0, undecidedTransport: 0 };
  const rest = { directionConflicts: 0, socketRecords: 0, timeless: 0, closedEarly: 0 };
  const aside = new Map<SetAsideReason, { conversations: number; examples: Examples }>();
  const nodes = new Set<string>();
  const silentNodes = new Set<string>();
  let lastNode: string | undefined;
  let lostEvents = 0n;
  let span: { from: EpochMs; until: EpochMs } | undefined;

  const readAside = (reason: SetAsideReason): SetAside => {
    const known = aside.get(reason);
    return {
      conversations: known?.conversations ?? 0,
      examples: known?.examples.lines.map(({ text }) => text) ?? [],
    };
  };

  return {
    flow({ at, node }) {
      counts.flows += 1;
      if (node !== undefined && node !== lastNode && nodes.size < NODES_KEPT) nodes.add(node);
      lastNode = node;
      if (span === undefined) span = { from: at, until: at };
      else if (at < span.from) span.from = at;
      else if (at > span.until) span.until = at;
    },
    socketRecord() {
      rest.socketRecords += 1;
    },
    timeless() {
      rest.timeless += 1;
    },
    lost(count) {
      lostEvents += count;
    },
    nodeStatus(names, state) {
      for (const name of names) {
        if (state === 'silent' && silentNodes.size < NODES_KEPT) silentNodes.add(name);
        if (state === 'connected') silentNodes.delete(name);
      }
    },
    conversations(batch, closedEarly) {
      counts.conversations += batch.length;
      counts.transportConversations += batch.filter(isTransport).length;
      rest.closedEarly += closedEarly;
    },
    setAside(reason, conversation) {
      const known = aside.get(reason) ?? { conversations: 0, examples: NO_EXAMPLES };
      aside.set(reason, known);
      known.conversations += 1;
      if (UNDECIDED.has(reason) && isTransport(conversation)) counts.undecidedTransport += 1;
      known.examples = withExample(known.examples, conversation);
    },
    takenUp(reason, conversation) {
      const known = aside.get(reason);
      if (known === undefined) return;
      known.conversations -= 1;
      if (UNDECIDED.has(reason) && isTransport(conversation)) counts.undecidedTransport -= 1;
    },
    conflicts(count) {
      rest.directionConflicts += count;
    },
    read: () => ({
      ...counts,
      ...rest,
      setAside: recordOf(SET_ASIDE_REASONS, readAside),
      lostEvents,
      nodes: sortedText(nodes),
      silentNodes: sortedText(silentNodes),
      span: span === undefined ? undefined : { ...span },
    }),
  };
}
