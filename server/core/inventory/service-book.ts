import type { Protocol } from '#core/flow/flow.ts';
import { sortedText } from '#core/order.ts';
import type { ClusterService } from '#core/policy/cluster/cluster-model.ts';
import type { LiveSlice, SlicePort } from './live-object.ts';

type ToldService = Omit<ClusterService, 'source'>;

/** What a connection to a Service's address leads to: every pod that may answer, and the port it answers on. */
export interface ServiceBackend {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** `namespace/name` of each pod, sorted. */
  readonly pods: readonly string[];
  readonly port: number;
}

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;

/** Services and EndpointSlices kept at most, each: those that were told of longest ago go first. */
const MAX_KEPT = 100_000;

/** Puts a value at the end of its map; the value that has to go for it, if one has. */
function refreshed<Value>(map: Map<string, Value>, key: string, value: Value): Value | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_KEPT) return undefined;
  const [first] = map;
  if (first === undefined) return undefined;
  map.delete(first[0]);
  return first[1];
}

/**
 * What is behind the virtual addresses of Services. A Service that is gone stays until another takes its address: flows
 * arrive later than the news.
 */
export class ServiceBook {
  readonly #byIp = new Map<string, ToldService>();
  readonly #services = new Map<string, ToldService>();
  readonly #slices = new Map<string, LiveSlice>();
  readonly #slicesByService = new Map<string, Set<string>>();
  #shed = 0;

  /** Services and slices that were let go. */
  get shed(): number {
    return this.#shed;
  }

  /** Both return the addresses for which the answer may be another one now. */
  tellService(service: ToldService): readonly string[] {
    const key = keyOf(service);
    const oldest = refreshed(this.#services, key, service);
    if (oldest !== undefined) this.#dropService(oldest);
    for (const ip of addressesOf(service)) this.#byIp.set(ip, service);
    return addressesOf(service);
  }

  tellSlice(slice: LiveSlice): readonly string[] {
    const key = keyOf(slice);
    const oldest = refreshed(this.#slices, key, slice);
    if (oldest !== undefined) this.#unlink(keyOf(oldest), oldest);
    if (oldest !== undefined) this.#shed += 1;
    if (slice.service === undefined) return [];
    const service = `${slice.namespace}/${slice.service}`;
    const keys = this.#slicesByService.get(service) ?? new Set();
    this.#slicesByService.set(service, keys.add(key));
    const told = this.#services.get(service);
    return told === undefined ? [] : addressesOf(told);
  }

  /** A slice that is gone says nothing more about who is behind its Service. */
  dropSlice(key: string): void {
    const slice = this.#slices.get(key);
    if (slice === undefined) return;
    this.#slices.delete(key);
    this.#unlink(key, slice);
  }

  #unlink(key: string, { namespace, service }: LiveSlice): void {
    const name = `${namespace}/${service ?? ''}`;
    const keys = this.#slicesByService.get(name);
    keys?.delete(key);
    if (keys?.size === 0) this.#slicesByService.delete(name);
  }

  #dropService(service: ToldService): void {
    this.#shed += 1;
    for (const ip of addressesOf(service)) if (this.#byIp.get(ip) === service) this.#byIp.delete(ip);
  }

  isServiceAddress(ip: string): boolean {
    return this.#byIp.has(ip);
  }

  /**
   * What is behind a Service's address and port; undefined when nothing is known to be, when an endpoint is no pod, or
   * when not all of them listen on the same port.
   */
  backendOf(ip: string, protocol: Protocol, port: number | undefined): ServiceBackend | undefined {
    const service = this.#byIp.get(ip);
    const asked = service?.ports.find((each) => each.port === port && each.protocol === protocol);
    if (service === undefined || asked === undefined) return undefined;
    const isAsked = (each: SlicePort): boolean =>
      each.name === (asked.name ?? '') && each.protocol === protocol;
    const found = this.#slicesOf(service).flatMap(({ endpoints, ports }) => {
      const target = ports.find(isAsked);
      return target === undefined ? [] : [{ endpoints, port: target.port }];
    });
    const pods = new Set(found.flatMap(({ endpoints }) => endpoints.map(({ pod }) => pod)));
    const ports = new Set(found.filter(({ endpoints }) => endpoints.length > 0).map((each) => each.port));
    const [only] = ports;
    if (only === undefined || ports.size > 1 || pods.has(undefined)) return undefined;
    const named = [...pods].filter((pod) => pod !== undefined);
    return { service: keyOf(service), pods: sortedText(named), port: only };
  }

  #slicesOf(service: ToldService): readonly LiveSlice[] {
    const keys = [...(this.#slicesByService.get(keyOf(service)) ?? [])];
    return keys.map((key) => this.#slices.get(key)).filter((slice) => slice !== undefined);
  }
}

const addressesOf = ({ clusterIps, externalIps }: ToldService): readonly string[] => [
  ...clusterIps,
  ...externalIps,
];
