import type { PortInterval } from '../certificate.ts';
import type { PolicyProtocol } from '../world.ts';
import { isMissing, isRecord, listOf } from './json-shape.ts';

/**
 * All ports of all protocols on one line of codes, so that a set of ports is a set of spans. Each protocol has
 * 65 537 codes: its ports from 0 on, and one for whatever is no port, which only a rule without ports admits.
 */
const PROTOCOLS: readonly PolicyProtocol[] = ['TCP', 'UDP', 'SCTP'];
const STRIDE = 65_537;
const LAST_PORT = 65_535;
const NO_PORT = 65_536;

/** Codes from `first` to `last`, both inside. */
export interface PortSpan {
  readonly first: number;
  readonly last: number;
}

/** A name that stands for a port of the destination pod. */
export interface PortName {
  readonly protocol: PolicyProtocol;
  readonly name: string;
}

/** What one rule's `ports` cover. */
export interface PortTerm {
  readonly spans: readonly PortSpan[];
  readonly names: readonly PortName[];
}

export const ALL_PORTS: PortTerm = { spans: [{ first: 0, last: PROTOCOLS.length * STRIDE - 1 }], names: [] };

/** The place of a port on the line. */
export function portCode(protocol: PolicyProtocol, port: number): number {
  const isPort = Number.isInteger(port) && port >= 0 && port <= LAST_PORT;
  return PROTOCOLS.indexOf(protocol) * STRIDE + (isPort ? port : NO_PORT);
}

const spanOf = (protocol: PolicyProtocol, first: number, last: number): PortSpan => ({
  first: portCode(protocol, first),
  last: portCode(protocol, last),
});

/** The span of one port. */
export function pointSpan(protocol: PolicyProtocol, port: number): PortSpan {
  const code = portCode(protocol, port);
  return { first: code, last: code };
}

const isPortNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LAST_PORT;

const PORT_NAME = /^(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/;
const isPortName = (text: string): boolean => text.length <= 15 && PORT_NAME.test(text);

const isProtocol = (value: unknown): value is PolicyProtocol =>
  PROTOCOLS.some((protocol) => protocol === value);

/** Reads the `ports` of a rule; entries that say nothing sound cover nothing. Undefined when none does. */
export function portTermOf(ports: unknown): PortTerm | undefined {
  if (isMissing(ports)) return ALL_PORTS;
  const entries = listOf(ports);
  if (entries === undefined) return undefined;
  if (entries.length === 0) return ALL_PORTS;
  const read = entries.map(readEntry).filter((entry) => entry !== undefined);
  const names = read.filter((entry) => 'name' in entry);
  const spans = joined(read.filter((entry) => 'first' in entry));
  return read.length === 0 ? undefined : { spans, names };
}

function readEntry(entry: unknown): PortSpan | PortName | undefined {
  if (!isRecord(entry)) return undefined;
  const protocol = entry['protocol'] ?? 'TCP';
  if (!isProtocol(protocol)) return undefined;
  const port = entry['port'];
  const endPort = entry['endPort'];
  if (isPortNumber(port)) return readRange(protocol, port, endPort);
  if (!isMissing(endPort)) return undefined;
  if (isMissing(port)) return { first: portCode(protocol, 0), last: portCode(protocol, NO_PORT) };
  return typeof port === 'string' && isPortName(port) ? { protocol, name: port } : undefined;
}

function readRange(protocol: PolicyProtocol, port: number, endPort: unknown): PortSpan | undefined {
  if (isMissing(endPort)) return spanOf(protocol, port, port);
  return isPortNumber(endPort) && endPort >= port ? spanOf(protocol, port, endPort) : undefined;
}

/** The same codes in ascending spans that neither touch nor overlap. */
function joined(spans: readonly PortSpan[]): readonly PortSpan[] {
  const result: PortSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const before = result.at(-1);
    if (before === undefined || span.first > before.last + 1) result.push(span);
    else result[result.length - 1] = { first: before.first, last: Math.max(before.last, span.last) };
  }
  return result;
}

export const covers = (spans: readonly PortSpan[], code: number): boolean =>
  spans.some(({ first, last }) => first <= code && code <= last);

/** The ports from 1 on that lie in some span, as runs that do not touch, in order of protocol and port. */
export function intervalsOfSpans(spans: readonly PortSpan[]): readonly PortInterval[] {
  const runs = joined(spans);
  return PROTOCOLS.flatMap((protocol) => {
    const [start, end] = [portCode(protocol, 1), portCode(protocol, LAST_PORT)];
    return runs
      .filter(({ first, last }) => first <= end && last >= start)
      .map(({ first, last }) => ({
        protocol,
        from: Math.max(first, start) - start + 1,
        to: Math.min(last, end) - start + 1,
      }));
  });
}

/** The ports from 1 on, cut before and behind each span: within one interval no span tells two ports apart. */
export function elementaryIntervals(spans: Iterable<PortSpan>): readonly PortInterval[] {
  const cuts = new Set<number>();
  for (const { first, last } of spans) cuts.add(first).add(last + 1);
  return PROTOCOLS.flatMap((protocol) => {
    const start = portCode(protocol, 1);
    const end = portCode(protocol, LAST_PORT);
    const inside = [...cuts].filter((cut) => cut > start && cut <= end);
    const starts = [start, ...inside.sort((a, b) => a - b)];
    return starts.map((code, index) => ({
      protocol,
      from: code - start + 1,
      to: (starts[index + 1] ?? end + 1) - start,
    }));
  });
}
