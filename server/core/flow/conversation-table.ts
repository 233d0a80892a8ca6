import { clusterOf, joinClusters } from './cluster-join.ts';
import { addFlow, type Conversation, openConversation } from './conversation.ts';
import type { End } from './direction.ts';
import type { Flow, FlowEndpoint } from './flow.ts';
import type { EpochMs } from './time.ts';

/** Where an end is, for the key of a conversation: its address, else whatever tells it apart. */
const address = (endpoint: FlowEndpoint): string =>
  `${endpoint.ip ?? `${endpoint.namespace ?? ''}/${endpoint.pod ?? endpoint.identity ?? ''}`}:${endpoint.port ?? ''}`;

const isBetween = (conversation: Conversation, a: FlowEndpoint, b: FlowEndpoint): boolean =>
  clusterOf(conversation.a.endpoint) === clusterOf(a) && clusterOf(conversation.b.endpoint) === clusterOf(b);

export interface ConversationTable {
  readonly size: number;
  /** Adds one observation; socket and translation records are the caller's to leave out. */
  add(flow: Flow): void;
  /** Takes out every conversation last seen before `until`; all of them without it. */
  close(until?: EpochMs): Conversation[];
  /** Takes out the `count` conversations that were quiet longest. */
  closeOldest(count: number): Conversation[];
}

/** An empty table of open conversations. Memory grows with open conversations, never with flows. */
export const createConversationTable = (): ConversationTable => new OpenConversations();

class OpenConversations implements ConversationTable {
  private open = new Map<string, Conversation>();
  /** Further conversations between the addresses of one in `open`, in clusters whose addresses overlap. */
  private readonly elsewhere = new Map<string, Conversation[]>();
  private elsewhereCount = 0;
  private aggregates = 0;

  get size(): number {
    return this.open.size + this.elsewhereCount;
  }

  add(flow: Flow): void {
    const source = address(flow.source);
    const destination = address(flow.destination);
    const sender: End = source <= destination ? 'a' : 'b';
    const [a, b] = sender === 'a' ? [source, destination] : [destination, source];
    const key = flow.isAggregate ? `aggregate ${this.aggregates++}` : `${flow.protocol} ${a} ${b}`;
    addFlow(this.conversation(key, flow, sender), flow, sender);
  }

  close(until?: EpochMs): Conversation[] {
    if (until !== undefined) return this.take((lastAt) => lastAt < until);
    const all = this.take(() => true);
    this.open = new Map(); // an emptied map keeps the room it grew to
    return all;
  }

  closeOldest(count: number): Conversation[] {
    const times = [...this.open].map((entry) => this.lastAt(...entry)).sort((x, y) => x - y);
    const limit = times[Math.min(count, times.length) - 1] ?? Number.NEGATIVE_INFINITY;
    return this.take((lastAt) => lastAt <= limit);
  }

  private conversation(key: string, flow: Flow, sender: End): Conversation {
    const [a, b] = sender === 'a' ? [flow.source, flow.destination] : [flow.destination, flow.source];
    const first = this.open.get(key);
    if (first === undefined) {
      const opened = openConversation(flow, a, b);
      this.open.set(key, opened);
      return opened;
    }
    return isBetween(first, a, b) ? first : this.conversationElsewhere(key, flow, [a, b]);
  }

  private conversationElsewhere(
    key: string,
    flow: Flow,
    [a, b]: readonly [FlowEndpoint, FlowEndpoint],
  ): Conversation {
    const others = this.elsewhere.get(key) ?? [];
    const known = others.find((each) => isBetween(each, a, b));
    if (known !== undefined) return known;
    const opened = openConversation(flow, a, b);
    this.elsewhere.set(key, [...others, opened]);
    this.elsewhereCount += 1;
    return opened;
  }

  private lastAt(key: string, first: Conversation): EpochMs {
    if (this.elsewhereCount === 0) return first.lastAt;
    const others = this.elsewhere.get(key) ?? [];
    return others.reduce((latest, { lastAt }) => Math.max(latest, lastAt), first.lastAt);
  }

  private take(isTaken: (lastAt: EpochMs) => boolean): Conversation[] {
    const taken: Conversation[] = [];
    for (const [key, first] of this.open) {
      if (!isTaken(this.lastAt(key, first))) continue;
      this.open.delete(key);
      const others = this.elsewhere.get(key);
      if (others === undefined) {
        taken.push(first);
        continue;
      }
      this.elsewhere.delete(key);
      this.elsewhereCount -= others.length;
      taken.push(...joinClusters([first, ...others]));
    }
    return taken;
  }
}
