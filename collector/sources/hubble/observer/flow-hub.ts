import { compareText } from '#core/order.ts';
import { encodeResponse, responseOfRecord } from '../wire/encode-frame.ts';
import { messageType } from '../wire/schema.ts';
import { FlowRing } from './flow-ring.ts';
import { framed } from './grpc-frame.ts';
import { type FlowMessage, nanosOf, type ResponseMessage, type TimestampMessage } from './messages.ts';
import type { ServedRecord } from './served-record.ts';
import { asSentBy, type ServerMinor } from './server-version.ts';

/** A node as GetNodes tells of it. */
export interface HubNode {
  readonly name: string;
  isConnected: boolean;
  seenFlows: number;
}

/** A node's state in the protocol (`relay.NodeState`). */
const NODE_CONNECTED = 1;

const MINUTE_NS = 60_000_000_000n;
const HOUR_NS = 60n * MINUTE_NS;
/** Namespaces and nodes that are remembered; a cluster has fewer, a hostile recording may not. */
const MAX_NAMESPACES = 10_000;
const MAX_NODES = 10_000;

/** Of these a message holds one. */
const WHATS = ['flow', 'lost_events', 'node_status'] as const;

/** The message in a frame, decoded; what filters and masks need. */
export const messageOf = (frame: Buffer): ResponseMessage =>
  messageType('observer.GetFlowsResponse').decode(frame.subarray(5)) as unknown as ResponseMessage;

/** A record as a server of that version sends it; undefined for one that the protocol has no message for. */
export function frameOf(record: ServedRecord['record'], minor: ServerMinor): Buffer | undefined {
  try {
    const response = asSentBy(responseOfRecord(record), minor);
    return WHATS.some((what) => response[what] !== undefined) ? framed(encodeResponse(response)) : undefined;
  } catch {
    return undefined;
  }
}

/** What the server has received: the ring, the nodes and namespaces behind it, and who waits for more. */
export class FlowHub {
  readonly ring: FlowRing;
  readonly #minor: ServerMinor;
  readonly #nodes = new Map<string, HubNode>();
  readonly #namespaces = new Map<string, bigint>();
  readonly #waiting = new Set<() => void>();
  #seenFlows = 0;
  #unservable = 0;
  #latestNs = 0n;

  constructor(facts: {
    readonly capacity: number;
    readonly minor: ServerMinor;
    readonly nodes: readonly string[];
  }) {
    this.ring = new FlowRing(facts.capacity);
    this.#minor = facts.minor;
    for (const name of facts.nodes) this.#node(name);
  }

  /** Flows received since the start. */
  get seenFlows(): number {
    return this.#seenFlows;
  }

  /** Records that the protocol has no message for. */
  get unservable(): number {
    return this.#unservable;
  }

  /** Sorted by name. */
  nodes(): readonly HubNode[] {
    return [...this.#nodes.values()].sort((a, b) => compareText(a.name, b.name));
  }

  /** `cluster/namespace` of the last hour of flows, sorted; the cluster is empty where none is named. */
  namespaces(): readonly { readonly cluster: string; readonly namespace: string }[] {
    return [...this.#namespaces]
      .filter(([, seenNs]) => seenNs > this.#latestNs - HOUR_NS)
      .map(([key]) => ({
        cluster: key.slice(0, key.indexOf('/')),
        namespace: key.slice(key.indexOf('/') + 1),
      }))
      .sort((a, b) => compareText(a.cluster, b.cluster) || compareText(a.namespace, b.namespace));
  }

  /** Flows a second over the last minute of flows, or over what the ring holds of it. */
  flowsRate(): number {
    let count = 0;
    let firstNs = this.#latestNs;
    for (let number = this.ring.next - 1; number >= this.ring.oldest; number -= 1) {
      const entry = this.ring.at(number);
      if (entry === undefined || entry.atNs < this.#latestNs - MINUTE_NS) break;
      if (entry.kind !== 'flow') continue;
      count += 1;
      if (entry.atNs < firstNs) firstNs = entry.atNs;
    }
    const seconds = Number(this.#latestNs - firstNs) / 1e9;
    return seconds === 0 ? count : count / seconds;
  }

  /** Takes a record in; who follows hears of it once this turn of the event loop is over. */
  add({ kind, record }: ServedRecord): void {
    const frame = frameOf(record, this.#minor);
    if (frame === undefined) {
      this.#unservable += 1;
      return;
    }
    const message = messageOf(frame);
    this.#note(message);
    const atNs = timeOf(message.time ?? message.flow?.time) ?? this.#latestNs;
    if (kind === 'flow' && atNs > this.#latestNs) this.#latestNs = atNs;
    this.ring.add({ kind, atNs, frame });
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when there is an entry with that number, or the signal aborts. */
  more(number: number, signal: AbortSignal): Promise<void> {
    if (this.ring.next > number) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
      if (signal.aborted) settle();
    });
  }

  #note({ flow, node_status: status, node_name: reporter }: ResponseMessage): void {
    if (status !== null) this.#noteStatus(status);
    if (flow !== null) this.#noteFlow(flow, reporter === '' ? flow.node_name : reporter);
  }

  #noteStatus(status: NonNullable<ResponseMessage['node_status']>): void {
    for (const name of status.node_names) {
      const node = this.#node(name);
      if (node !== undefined) node.isConnected = status.state_change === NODE_CONNECTED;
    }
  }

  #noteFlow(flow: FlowMessage, reporter: string): void {
    this.#seenFlows += 1;
    const node = reporter === '' ? undefined : this.#node(reporter);
    if (node !== undefined) node.seenFlows += 1;
    const cluster = reporter.slice(0, Math.max(0, reporter.indexOf('/')));
    const seenNs = timeOf(flow.time) ?? this.#latestNs;
    for (const end of [flow.source, flow.destination]) {
      if (end !== null && end.namespace !== '') this.#seeNamespace(`${cluster}/${end.namespace}`, seenNs);
    }
  }

  #seeNamespace(key: string, seenNs: bigint): void {
    const before = this.#namespaces.get(key);
    if (before === undefined && this.#namespaces.size >= MAX_NAMESPACES) return;
    if (before === undefined || seenNs > before) this.#namespaces.set(key, seenNs);
  }

  #node(name: string): HubNode | undefined {
    const known = this.#nodes.get(name);
    if (known !== undefined || this.#nodes.size >= MAX_NODES) return known;
    const node = { name, isConnected: true, seenFlows: 0 };
    this.#nodes.set(name, node);
    return node;
  }
}

const timeOf = (time: TimestampMessage | null | undefined): bigint | undefined =>
  time == null ? undefined : nanosOf(time);
