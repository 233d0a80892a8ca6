import type { DecidingPolicy, Flow, L7Summary, Reply } from '#core/flow/flow.ts';
import { serviceOf } from '../decode-flow.ts';
import { layer7Of } from '../layer7.ts';
import { decidingPolicies } from '../policies.ts';
import { looseTexts, NO_TEXTS } from '../wire.ts';
import { ByteCache, type CacheBounds } from './byte-cache.ts';
import { type LooseFields, type LooseMessage, looseMessage } from './decode-message.ts';
import type { FieldScan } from './field-scan.ts';
import type { FrameBytes } from './frame-bytes.ts';

/*
 * What few flows have. An answer given after the source's cursor stopped is of no use.
 */

const LAYER7_FIELDS: LooseFields = {
  1: { name: 'type', as: 'number' },
  100: {
    name: 'dns',
    as: 'message',
    fields: {
      1: { name: 'query', as: 'text' },
      2: { name: 'ips', as: 'texts' },
      6: { name: 'rcode', as: 'number' },
    },
  },
  101: {
    name: 'http',
    as: 'message',
    fields: {
      1: { name: 'code', as: 'number' },
      2: { name: 'method', as: 'text' },
      3: { name: 'url', as: 'text' },
    },
  },
};

const SERVICE_FIELDS: LooseFields = { 1: { name: 'name', as: 'text' }, 2: { name: 'namespace', as: 'text' } };

const POLICY_FIELDS: LooseFields = {
  1: { name: 'name', as: 'text' },
  2: { name: 'namespace', as: 'text' },
  3: { name: 'labels', as: 'texts' },
  5: { name: 'kind', as: 'text' },
};

/** The bytes that a scan found for a field. */
const runOf = (scan: FieldScan, slot: number) => ({
  at: scan.at[slot] as number,
  size: scan.size[slot] as number,
});

/** What a proxy saw. */
export function layer7In(source: FrameBytes, scan: FieldScan, slot: number): L7Summary | undefined {
  return layer7Of(looseMessage(source, runOf(scan, slot), LAYER7_FIELDS));
}

/** The Service that the client asked for. */
export function serviceIn(
  source: FrameBytes,
  scan: FieldScan,
  { near, far, reply }: { readonly near: number; readonly far: number; readonly reply: Reply },
): Flow['service'] {
  const read = (slot: number): LooseMessage | undefined =>
    scan.has(slot) ? looseMessage(source, runOf(scan, slot), SERVICE_FIELDS) : undefined;
  return serviceOf({ source_service: read(near), destination_service: read(far) }, reply);
}

/** DNS names of one end. */
export const namesIn = (source: FrameBytes, scan: FieldScan, slot: number): readonly string[] =>
  scan.has(slot) ? looseTexts(scan.each(slot, (at, size) => source.ascii(at, size))) : NO_TEXTS;

type Policies = readonly DecidingPolicy[];
const NO_POLICIES: Policies = [];

/** Policies that decided; there are as many as the cluster has, and each is named again and again. */
export class KnownPolicies {
  readonly #cache: ByteCache<Policies>;

  constructor(bounds: CacheBounds) {
    this.#cache = new ByteCache(bounds);
  }

  get evicted(): number {
    return this.#cache.evicted;
  }

  /** Those named for one outcome, egress first. */
  read(
    source: FrameBytes,
    scan: FieldScan,
    slots: { readonly egress: number; readonly ingress: number },
  ): Policies {
    const { egress, ingress } = slots;
    if (!scan.has(egress) && !scan.has(ingress)) return NO_POLICIES;
    const read = (at: number, size: number): Policies => this.#find(source, { at, size });
    return [...scan.each(egress, read), ...scan.each(ingress, read)].flat();
  }

  #find(source: FrameBytes, run: { readonly at: number; readonly size: number }): Policies {
    const known = this.#cache.find(source.view, run.at, run.size);
    if (known !== undefined) return known;
    const policies = decidingPolicies([looseMessage(source, run, POLICY_FIELDS)], undefined);
    if (!source.cursor.isStopped) this.#cache.add(source.view, run, policies);
    return policies;
  }
}
