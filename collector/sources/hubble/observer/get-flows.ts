import { messageType } from '../wire/schema.ts';
import type { StreamCut } from './cut-plan.ts';
import { type FlowMask, flowMask } from './field-mask.ts';
import { PatternError } from './filter-patterns.ts';
import { compileFilters } from './flow-filter.ts';
import { type FlowHub, messageOf } from './flow-hub.ts';
import { FlowReader, type FlowsQuery } from './flow-reader.ts';
import type { RingEntry } from './flow-ring.ts';
import { framed } from './grpc-frame.ts';
import type { ServerCall } from './grpc-server.ts';
import { GRPC_STATUS, GrpcError } from './grpc-status.ts';
import { type FilterMessage, type FlowsRequest, nanosOf, numberOf } from './messages.ts';
import { asReadBy, knows, type ServerMinor } from './server-version.ts';

/** What a GetFlows request asks for, checked. */
export interface CheckedRequest {
  readonly query: FlowsQuery;
  readonly mask: FlowMask | undefined;
}

/** Paths of the mask, where a server of that version looks for them. */
function maskPaths(request: FlowsRequest, minor: ServerMinor): readonly string[] {
  const isKnown = (field: string) => knows(minor, 'GetFlowsRequest', field);
  const own = isKnown('field_mask') ? (request.field_mask?.paths ?? []) : [];
  if (own.length > 0 || !isKnown('experimental')) return own;
  return request.experimental?.field_mask?.paths ?? [];
}

function wantedFlows(request: FlowsRequest, minor: ServerMinor): FlowsQuery['isWanted'] {
  const read = (filters: readonly FilterMessage[]) =>
    filters.map((filter) => asReadBy(filter, 'FlowFilter', minor));
  if (request.whitelist.length === 0 && request.blacklist.length === 0) return undefined;
  try {
    const isWanted = compileFilters(read(request.whitelist), read(request.blacklist));
    return ({ frame }) => {
      const { flow } = messageOf(frame);
      return flow !== null && isWanted(flow);
    };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new GrpcError(GRPC_STATUS.invalidArgument, error.message);
  }
}

/** Reads a request as a server of that version does. Throws INVALID_ARGUMENT for one that makes no sense. */
export function checkRequest(bytes: Uint8Array, minor: ServerMinor): CheckedRequest {
  let request: FlowsRequest;
  try {
    request = messageType('observer.GetFlowsRequest').decode(bytes) as unknown as FlowsRequest;
  } catch {
    throw new GrpcError(GRPC_STATUS.internal, 'the request is no GetFlowsRequest');
  }
  const { first, follow, since, until } = request;
  if (first && follow) {
    throw new GrpcError(GRPC_STATUS.invalidArgument, 'first cannot be specified with follow');
  }
  return {
    query: {
      number: numberOf(request.number),
      first,
      follow,
      sinceNs: since === null ? undefined : nanosOf(since),
      untilNs: until === null ? undefined : nanosOf(until),
      isWanted: wantedFlows(request, minor),
    },
    mask: flowMask(maskPaths(request, minor), minor),
  };
}

/** The frame of an entry with nothing but what the mask wants; time and node are then the masked flow's own. */
function maskedFrame(entry: RingEntry, mask: FlowMask): Buffer {
  const { flow } = messageOf(entry.frame);
  if (flow === null) return entry.frame;
  const masked = mask.apply(flow);
  const type = messageType('observer.GetFlowsResponse');
  const { node_name, time } = masked;
  const response = type.create({
    flow: masked,
    ...(node_name !== '' && { node_name }),
    ...(time !== null && { time }),
  });
  return framed(type.encode(response).finish());
}

/** What a client missed since it read too slowly. */
function overwrittenFrame(count: number): Buffer {
  const type = messageType('observer.GetFlowsResponse');
  return framed(
    type.encode({ lost_events: { source: HUBBLE_RING_BUFFER, num_events_lost: count } }).finish(),
  );
}

const HUBBLE_RING_BUFFER = 3;
/** Bytes that are handed over in one piece: many messages a DATA frame. */
const BATCH_BYTES = 64 * 1024;

/** Takes turns with everything else that the process does. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a stream is for: where its messages come from and how it ends. */
export interface FlowStream {
  readonly hub: FlowHub;
  readonly request: CheckedRequest;
  readonly cut: StreamCut | undefined;
  /** Told the number of messages handed over. */
  readonly onSent: (count: number) => void;
  /** Told when the stream is broken off on purpose. */
  readonly onCut: () => void;
  /** Told whether this stream is behind with reading. */
  readonly onState: (state: 'reading' | 'waiting') => void;
}

/** Thrown to leave the loop once the stream is broken off. */
const BROKEN = new GrpcError(GRPC_STATUS.unavailable, 'the stream was cut');

class Sender {
  readonly #stream: FlowStream;
  readonly #call: ServerCall;
  readonly #reader: FlowReader;
  readonly #batch: Buffer[] = [];
  #bytes = 0;
  #sent = 0;
  readonly #timeUp = new AbortController();

  constructor(stream: FlowStream, call: ServerCall) {
    this.#stream = stream;
    this.#call = call;
    this.#reader = new FlowReader(stream.hub.ring, stream.request.query);
  }

  async run(): Promise<void> {
    const timer = this.#armed();
    try {
      while (await this.#step());
      await this.#flush();
    } finally {
      clearTimeout(timer);
    }
  }

  /** False once there is nothing more. */
  async #step(): Promise<boolean> {
    const reading = this.#reader.next();
    switch (reading.kind) {
      case 'entry':
        await this.#add(this.#frameOf(reading.entry));
        return true;
      case 'overwritten':
        await this.#add(overwrittenFrame(reading.count));
        return true;
      case 'pause':
        await this.#flush();
        await breathe();
        return true;
      case 'wait':
        await this.#flush();
        await this.#wait();
        return true;
      default:
        return false;
    }
  }

  #frameOf(entry: RingEntry): Buffer {
    const { mask } = this.#stream.request;
    return mask === undefined || entry.kind !== 'flow' ? entry.frame : maskedFrame(entry, mask);
  }

  async #add(frame: Buffer): Promise<void> {
    const afterMessages = this.#stream.cut?.afterMessages ?? Number.POSITIVE_INFINITY;
    if (this.#timeUp.signal.aborted || this.#sent >= afterMessages) await this.#breakOff(frame);
    this.#batch.push(frame);
    this.#bytes += frame.length;
    this.#sent += 1;
    if (this.#bytes >= BATCH_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    this.#call.signal.throwIfAborted();
    if (this.#batch.length === 0) return;
    const count = this.#batch.length;
    const bytes = Buffer.concat(this.#batch.splice(0));
    this.#bytes = 0;
    const drained = this.#call.answer.write(bytes);
    this.#stream.onSent(count);
    if (drained !== undefined) await drained;
  }

  async #wait(): Promise<void> {
    const { hub } = this.#stream;
    // While the last bytes were on their way more may have come, of which nobody would tell again.
    if (hub.ring.next > this.#reader.position) return;
    this.#stream.onState('waiting');
    const { signal } = this.#call;
    await hub.more(this.#reader.position, AbortSignal.any([signal, this.#timeUp.signal]));
    this.#stream.onState('reading');
    signal.throwIfAborted();
    if (this.#timeUp.signal.aborted) await this.#breakOff(Buffer.alloc(0));
  }

  async #breakOff(next: Buffer): Promise<never> {
    await this.#flush();
    this.#stream.onCut();
    const how = this.#stream.cut?.how ?? 'status';
    if (how !== 'status') {
      this.#call.answer.breakOff(
        how,
        how === 'socket' ? next.subarray(0, next.length >> 1) : Buffer.alloc(0),
      );
    }
    throw BROKEN;
  }

  #armed(): NodeJS.Timeout | undefined {
    const afterMs = this.#stream.cut?.afterMs ?? Number.POSITIVE_INFINITY;
    if (afterMs === Number.POSITIVE_INFINITY) return undefined;
    return setTimeout(() => this.#timeUp.abort(), afterMs);
  }
}

/** Streams flows to one client until it has what it asked for, leaves, or is cut off. */
export const sendFlows = (stream: FlowStream, call: ServerCall): Promise<void> =>
  new Sender(stream, call).run();
