import type { FlowEndpoint } from '#core/flow/flow.ts';
import type { CacheBounds } from './byte-cache.ts';
import { type KnownEndpoint, KnownEndpoints, placed } from './decode-endpoint.ts';
import { namesIn } from './decode-rare.ts';
import { KnownTexts } from './decode-texts.ts';
import { FieldScan } from './field-scan.ts';
import type { FrameBytes } from './frame-bytes.ts';

/** Where a flow's scan has an end's message and its names, and the IP message its address. */
export interface EndSlots {
  readonly end: number;
  readonly names: number;
  readonly address: number;
}

/** What both ends of a flow have in common. */
export class EndsReader {
  readonly endpoints: KnownEndpoints;
  readonly addresses: KnownTexts;
  readonly scan = new FieldScan({ 1: 'bytes', 2: 'bytes' });
  hasAddresses = false;

  constructor(bounds: CacheBounds) {
    this.endpoints = new KnownEndpoints(bounds);
    this.addresses = new KnownTexts(bounds);
  }

  /** Entries of its caches that were dropped to make room. */
  get evicted(): number {
    return this.endpoints.evicted + this.addresses.evicted;
  }

  /** Reads the flow's IP message, which both ends need; false when the cursor stopped. */
  begin(source: FrameBytes, flow: FieldScan, slot: number): boolean {
    this.hasAddresses = flow.has(slot);
    if (!this.hasAddresses) return true;
    const at = flow.at[slot] as number;
    return this.scan.scan(source.cursor, at, at + (flow.size[slot] as number));
  }
}

/** One end of a flow: who, at which address and port, under which names. */
export class EndReader {
  readonly #both: EndsReader;
  readonly #end: number;
  readonly #names: number;
  readonly #address: number;

  constructor(both: EndsReader, { end, names, address }: EndSlots) {
    this.#both = both;
    this.#end = end;
    this.#names = names;
    this.#address = address;
  }

  /** The end, once the flow's addresses were read; of no use when the cursor stopped. */
  read(source: FrameBytes, flow: FieldScan, port: number | undefined): FlowEndpoint {
    const end = this.#end;
    const { endpoints } = this.#both;
    const known = flow.has(end)
      ? endpoints.find(source, flow.at[end] as number, flow.size[end] as number)
      : endpoints.nobody(source);
    const ip = this.#ipOf(source, known);
    return placed(known, { ip, port, names: namesIn(source, flow, this.#names) });
  }

  /** The address as text made before, where there is one; undefined when absent or empty. */
  #ipOf(source: FrameBytes, known: KnownEndpoint): string | undefined {
    const { hasAddresses, scan, addresses } = this.#both;
    if (!hasAddresses || !scan.has(this.#address)) return undefined;
    const at = scan.at[this.#address] as number;
    const size = scan.size[this.#address] as number;
    if (size === 0) return undefined;
    const { ip } = known;
    if (ip !== undefined && source.is(ip, at, size)) return ip;
    known.ip = addresses.read(source, at, size);
    return known.ip;
  }
}
