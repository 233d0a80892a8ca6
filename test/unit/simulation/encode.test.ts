import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { afterMinutes, exportOf, tell } from './simulated.ts';

type Json = Readonly<Record<string, unknown>>;

const linesOf = (text: string): readonly Json[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json);

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Dotted paths of all keys, with array positions left out. */
function pathsOf(value: unknown, at = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${at}[]`));
  if (!isObject(value)) return [at];
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, `${at}.${key}`));
}

/** For each key, the keys seen after it. */
function laterKeys(objects: readonly Json[]): ReadonlyMap<string, ReadonlySet<string>> {
  const later = new Map<string, Set<string>>();
  for (const keys of objects.map((object) => Object.keys(object))) {
    for (const [i, key] of keys.entries()) {
      later.set(key, new Set([...(later.get(key) ?? []), ...keys.slice(i + 1)]));
    }
  }
  return later;
}

/** Fields that came after the recordings were made (2021 and 2024), from `flow.proto`. */
const NEWER = [
  '.flow.source.cluster_name',
  '.flow.destination.cluster_name',
  '.flow.source.workloads[].name',
  '.flow.source.workloads[].kind',
  '.flow.destination.workloads[].name',
  '.flow.destination.workloads[].kind',
  '.flow.trace_reason',
  '.flow.destination_service.namespace',
  '.flow.destination_service.name',
  '.flow.sock_xlate_point',
  '.flow.socket_cookie',
  '.flow.cgroup_id',
  ...['egress', 'ingress'].flatMap((direction) =>
    ['name', 'namespace', 'labels[]', 'revision', 'kind'].map(
      (key) => `.flow.${direction}_allowed_by[].${key}`,
    ),
  ),
  '.flow.l4.TCP.flags.RST',
  '.flow.source_names[]',
  '.lost_events.source',
  '.lost_events.num_events_lost',
  '.node_status.state_change',
  '.node_status.node_names[]',
  '.node_name',
  '.time',
];

const shop = tell({ seed: 7, until: afterMinutes(170) });
const encoded = exportOf(shop.told);
const lines = linesOf(encoded);
const flows = lines.map((line) => line['flow']).filter(isObject);

describe('the Hubble encoder', () => {
  test('writes one JSON object a line, one line an event', () => {
    expect(lines.length).toBe(shop.told.length);
    expect(flows.length).toBe(shop.observations.length);
  });

  test('signs each line with node and time, outside as inside', () => {
    for (const line of lines) {
      expect(line['node_name']).toMatch(/^demo\/node-[123]$/);
      if (isObject(line['flow'])) {
        expect([line['time'], line['node_name']]).toEqual([line['flow']['time'], line['flow']['node_name']]);
      }
    }
  });

  test('leaves out what is zero, empty or unknown', () => {
    expect(encoded).not.toMatch(/:(?:0|""|null|\[\]|"UNKNOWN")[,}]/);
    const unmarked = shop.observations.findIndex((o) => o.reply === 'unknown');
    expect(flows[unmarked]).not.toHaveProperty('is_reply');
  });

  test('writes 64-bit numbers as text', () => {
    const sockets = flows.filter((flow) => flow['Type'] === 'SOCK');
    expect(sockets.length).toBeGreaterThan(0);
    expect(sockets.every((flow) => typeof flow['socket_cookie'] === 'string')).toBe(true);
    const lost = lines.map((line) => line['lost_events']).filter(isObject);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every((event) => typeof event['num_events_lost'] === 'string')).toBe(true);
  });

  test('prints times with no fraction, or three, six or nine digits', () => {
    const times = lines.map((line) => String(line['time']));
    expect(times[0]).toBe('2026-03-02T08:00:00Z');
    expect(times.every((time) => /^[\d-]{10}T[\d:]{8}(?:\.(?:\d{3}|\d{6}|\d{9}))?Z$/.test(time))).toBe(true);
    expect(times.some((time) => /\.\d{9}Z$/.test(time))).toBe(true);
  });

  test('gives no two flows the same uuid', () => {
    expect(new Set(flows.map((flow) => flow['uuid'])).size).toBe(flows.length);
  });

  test('sorts labels and names their source', () => {
    for (const flow of flows) {
      const labels = isObject(flow['source']) ? (flow['source']['labels'] as readonly string[]) : [];
      expect(labels).toEqual([...labels].sort());
      expect(labels.every((label) => /^(?:k8s|reserved|fqdn):/.test(label))).toBe(true);
    }
  });

  describe.skipIf(!hasRecordings)(`beside real exports${skippedWithoutRecordings}`, () => {
    const names = [
      'hubble-otel-basic-sample-400-tcp-flows.jsonl',
      'hubble-otel-basic-sample-400-udp-flows.jsonl',
      'hubble-otel-basic-sample-330-dns-flows.jsonl',
      'hubble-otel-basic-sample-400-icmpv4-flows.jsonl',
      'denied-egress-masked.jsonl',
    ];
    const recordedLines = () =>
      names.flatMap((name) => linesOf(readFileSync(recording('flows', 'hubble', name), 'utf8')));

    test('uses no key that a real export or a newer flow.proto does not have', () => {
      const known = new Set([...recordedLines().flatMap((line) => pathsOf(line)), ...NEWER]);
      const foreign = new Set(lines.flatMap((line) => pathsOf(line)).filter((path) => !known.has(path)));
      expect([...foreign]).toEqual([]);
    });

    test('keeps the order of fields that real exports have', () => {
      const order = laterKeys(
        recordedLines()
          .map((line) => line['flow'])
          .filter(isObject),
      );
      const swapped = flows.flatMap((flow) => {
        const keys = Object.keys(flow);
        return keys.slice(1).filter((key, i) => order.get(key)?.has(keys[i] ?? '') === true);
      });
      expect(swapped).toEqual([]);
    });
  });
});
