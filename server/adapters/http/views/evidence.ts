import type { FlowEvidence } from '#contract/graph.ts';
import type { Flow, FlowEndpoint, L7Summary, TcpFlags } from '#core/flow/flow.ts';
import { formatInstant } from '#core/flow/time.ts';

function endText(end: FlowEndpoint): string {
  const pod = end.pod === undefined ? undefined : `${end.namespace ?? ''}/${end.pod}`;
  const who = pod ?? end.names[0] ?? end.entities[0] ?? end.namespace;
  const at = end.ip === undefined ? '' : end.port === undefined ? end.ip : addressText(end.ip, end.port);
  if (who === undefined) return at === '' ? 'unknown' : at;
  return at === '' ? who : `${who} (${at})`;
}

const addressText = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

const FLAGS = ['syn', 'ack', 'rst', 'fin'] as const;

const flagsText = (flags: TcpFlags | undefined): string =>
  FLAGS.filter((flag) => flags?.[flag] === true)
    .map((flag) => flag.toUpperCase())
    .join(' ');

/** A query string may hold a token: it never leaves the server. */
const withoutQuery = (path: string): string => path.split(/[?#]/, 1)[0] ?? '';

function l7Text(l7: L7Summary | undefined): string | null {
  if (l7?.http !== undefined) {
    const { method, path, code } = l7.http;
    return `${method} ${withoutQuery(path)}${code === undefined ? '' : ` → ${code}`}`;
  }
  if (l7?.dns !== undefined) return `DNS ${l7.dns.query}`;
  return null;
}

/** One flow as evidence; every text is as received, cut to nothing and escaped nowhere: the page shows it as text. */
export function evidenceView(flow: Flow): FlowEvidence {
  return {
    at: formatInstant(flow.at, flow.atNanos),
    node: flow.node ?? null,
    kind: flow.kind,
    verdict: flow.verdict,
    dropReason: flow.dropReason ?? null,
    protocol: flow.protocol,
    source: endText(flow.source),
    destination: endText(flow.destination),
    reply: flow.reply,
    direction: flow.direction,
    flags: flagsText(flow.tcpFlags),
    l7: l7Text(flow.l7),
    uuid: flow.uuid ?? null,
  };
}
