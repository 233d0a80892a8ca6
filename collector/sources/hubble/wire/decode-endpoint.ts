import type { FlowEndpoint } from '#core/flow/flow.ts';
import { namesOf } from '../endpoint.ts';
import { type EndpointLabels, entitiesOfIdentity, parseEndpointLabels, UNLABELLED } from '../labels.ts';
import { looseText } from '../wire.ts';
import { ByteCache, type CacheBounds } from './byte-cache.ts';
import { looseMessage } from './decode-message.ts';
import { KnownTexts } from './decode-texts.ts';
import { FieldScan, type Run } from './field-scan.ts';
import type { FrameBytes } from './frame-bytes.ts';

/** Slots of the Endpoint message. */
const IDENTITY = 2;
const NAMESPACE = 3;
const LABELS = 4;
const POD = 5;
const WORKLOADS = 6;
const CLUSTER = 7;

type Workloads = FlowEndpoint['workloads'];
const NO_WORKLOADS: Workloads = [];

/** What is the same in every flow of an endpoint, and where it was last. */
export interface KnownEndpoint {
  readonly endpoint: FlowEndpoint;
  ip: string | undefined;
  port: number;
  /**
   * The end as it was when it had one port twice in a row: a server's is the same each time. A client's is not kept,
   * since whatever is kept here outlives the flow and costs the garbage collector a copy.
   */
  settled: FlowEndpoint | undefined;
}

/** What stands beside an endpoint's own message in the flow. */
export interface Whereabouts {
  readonly ip: string | undefined;
  readonly port: number | undefined;
  readonly names: readonly string[];
}

/** Of what the pods of a workload share: labels, owners, names of namespaces and clusters. */
const SHARED: CacheBounds = { entries: 16_384, bytes: 8 * 1024 * 1024 };

/** One end of a flow after another; an endpoint that was seen before is known by its bytes, and not read again. */
export class KnownEndpoints {
  readonly #cache: ByteCache<KnownEndpoint>;
  readonly #labels = new ByteCache<EndpointLabels>(SHARED);
  readonly #workloads = new ByteCache<Workloads>(SHARED);
  readonly #texts = new KnownTexts(SHARED);
  readonly #scan = new FieldScan({
    [IDENTITY]: 'number',
    [NAMESPACE]: 'bytes',
    [LABELS]: 'many',
    [POD]: 'bytes',
    [WORKLOADS]: 'many',
    [CLUSTER]: 'bytes',
  });
  #nobody: KnownEndpoint | undefined;

  constructor(bounds: CacheBounds) {
    this.#cache = new ByteCache(bounds);
  }

  /** Entries dropped to make room. */
  get evicted(): number {
    return this.#cache.evicted + this.#labels.evicted + this.#workloads.evicted + this.#texts.evicted;
  }

  /** The endpoint in these bytes; of no use when the cursor stopped. */
  find(source: FrameBytes, at: number, size: number): KnownEndpoint {
    const known = this.#cache.find(source.view, at, size);
    if (known !== undefined) return known;
    const read = this.#read(source, at, size);
    if (!source.cursor.isStopped) this.#cache.add(source.view, { at, size }, read);
    return read;
  }

  /** What stands for an endpoint that the flow does not have. */
  nobody(source: FrameBytes): KnownEndpoint {
    this.#nobody ??= this.#read(source, 0, 0);
    return this.#nobody;
  }

  /** The labels say who it is: an identity number alone is used only where there are none. */
  #read(source: FrameBytes, at: number, size: number): KnownEndpoint {
    const scan = this.#scan;
    scan.scan(source.cursor, at, at + size);
    const labels = this.#labelsIn(source);
    const identity = scan.number(IDENTITY);
    const endpoint: FlowEndpoint = {
      ip: undefined,
      port: undefined,
      identity: identity === 0 ? undefined : identity,
      cluster: this.#text(source, CLUSTER) ?? labels.cluster,
      namespace: this.#text(source, NAMESPACE) ?? labels.namespace,
      pod: looseText(
        scan.has(POD) ? source.ascii(scan.at[POD] as number, scan.size[POD] as number) : undefined,
      ),
      workloads: this.#workloadsIn(source),
      labels: labels.pod,
      namespaceLabels: labels.namespaceLabels,
      entities: labels === UNLABELLED ? entitiesOfIdentity(identity) : labels.entities,
      names: namesOf(undefined, labels.fqdns),
    };
    return { endpoint, ip: undefined, port: -1, settled: undefined };
  }

  #text(source: FrameBytes, slot: number): string | undefined {
    const size = this.#scan.has(slot) ? (this.#scan.size[slot] as number) : 0;
    return size === 0 ? undefined : this.#texts.read(source, this.#scan.at[slot] as number, size);
  }

  #labelsIn(source: FrameBytes): EndpointLabels {
    const read = (): EndpointLabels =>
      parseEndpointLabels(this.#scan.each(LABELS, (at, size) => source.ascii(at, size)));
    return this.#scan.has(LABELS)
      ? this.#shared(source, { cache: this.#labels, slot: LABELS, read })
      : UNLABELLED;
  }

  #workloadsIn(source: FrameBytes): Workloads {
    if (!this.#scan.has(WORKLOADS)) return NO_WORKLOADS;
    const read = (): Workloads =>
      this.#scan
        .each(WORKLOADS, (at, size) => looseMessage(source, { at, size }, WORKLOAD_FIELDS))
        .flatMap(({ name, kind }) =>
          typeof name === 'string' ? [{ name, kind: looseText(kind) ?? 'unknown' }] : [],
        );
    return this.#shared(source, { cache: this.#workloads, slot: WORKLOADS, read });
  }

  /** What the bytes of a repeated field mean, read once for all who have the same. */
  #shared<Value>(
    source: FrameBytes,
    {
      cache,
      slot,
      read,
    }: { readonly cache: ByteCache<Value>; readonly slot: number; readonly read: () => Value },
  ): Value {
    const span: Run | undefined = this.#scan.span(slot);
    if (span === undefined) return read();
    const known = cache.find(source.view, span.at, span.size);
    if (known !== undefined) return known;
    const value = read();
    if (!source.cursor.isStopped) cache.add(source.view, span, value);
    return value;
  }
}

const WORKLOAD_FIELDS = { 1: { name: 'name', as: 'text' }, 2: { name: 'kind', as: 'text' } } as const;

/** The end of one flow: the endpoint where it was, under the names it had. */
export function placed(known: KnownEndpoint, { ip, port, names }: Whereabouts): FlowEndpoint {
  const { endpoint, settled } = known;
  const isNamed = names.length > 0;
  if (settled !== undefined && settled.port === port && settled.ip === ip && !isNamed) return settled;
  const end: FlowEndpoint = {
    ip,
    port,
    identity: endpoint.identity,
    cluster: endpoint.cluster,
    namespace: endpoint.namespace,
    pod: endpoint.pod,
    workloads: endpoint.workloads,
    labels: endpoint.labels,
    namespaceLabels: endpoint.namespaceLabels,
    entities: endpoint.entities,
    names: isNamed ? namesOf(names, endpoint.names) : endpoint.names,
  };
  const latest = port ?? 0;
  if (known.port === latest && !isNamed) known.settled = end;
  known.port = latest;
  return end;
}
