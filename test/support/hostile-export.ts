import { HOSTILE_STRINGS } from './hostile-strings.ts';

const at = (index: number): string =>
  `2026-03-02T08:${String(Math.floor(index / 60)).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}Z`;

const end = (pod: string, labels: readonly string[], namespace = 'shop') => ({
  namespace,
  pod_name: pod,
  labels,
});

/** Everything in a flow that somebody else wrote, each with the same text. */
function recordsOf(text: string, index: number): readonly object[] {
  const client = end('cart-7d9c5b6f4-x2x4z', ['k8s:app=cart', `k8s:note=${text}`, `k8s:${text}=1`]);
  const server = end('db-0', ['k8s:app=db']);
  const port = 40_000 + index * 8;
  const flow = (source: object, destination: object, more: object, offset: number): object => ({
    flow: {
      time: at(index),
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: port + offset, destination_port: 5432, flags: { SYN: true } } },
      event_type: { type: 4 },
      source,
      destination,
      ...more,
    },
    node_name: text,
    time: at(index),
  });
  const outside = { identity: 2, labels: ['reserved:world'] };
  return [
    flow(client, server, {}, 0),
    flow(end(text, ['k8s:app=evil']), server, {}, 1),
    flow(end('cart-7d9c5b6f4-x2x4z', [], text), server, {}, 2),
    flow(
      client,
      server,
      { Type: 'L7', l7: { type: 'REQUEST', http: { method: text, url: `http://x/${text}?${text}` } } },
      3,
    ),
    flow(client, server, { Type: 'L7', l7: { type: 'REQUEST', dns: { query: text, ips: [text] } } }, 4),
    flow(
      client,
      outside,
      { IP: { source: '10.0.0.1', destination: '203.0.113.7' }, destination_names: [text] },
      5,
    ),
    flow(client, server, { destination_service: { name: text, namespace: text } }, 6),
    flow(
      client,
      server,
      { event_type: { type: 5 }, egress_allowed_by: [{ name: text, namespace: text, kind: text }] },
      7,
    ),
  ];
}

/** An export in which every text an attacker can choose is hostile; the fixture runs through every sink. */
export const hostileExport = (): string =>
  HOSTILE_STRINGS.flatMap(recordsOf)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');
