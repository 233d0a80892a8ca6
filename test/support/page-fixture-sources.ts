import type { SourceHealth } from '#contract/source.ts';
import { FIXTURE_FROM, FIXTURE_NOW } from './page-fixture-shop.ts';

/** Two sources, one of them broken. */
export const sourcesHealth: readonly SourceHealth[] = [
  {
    name: 'demo recording',
    kind: 'demo',
    state: 'live',
    problem: null,
    bytesRead: 48_220_113,
    bytesTotal: null,
    flows: 82_311,
    shapes: [
      { text: 'wrapped flow', count: 82_311 },
      { text: 'lost_events', count: 4 },
      { text: 'node_status', count: 3 },
    ],
    bad: [
      {
        code: 'not_json',
        count: 2,
        examples: [
          {
            file: 'demo.log',
            line: 4410,
            what: 'time="2026-03-03T12:04:31Z" level=warning msg="ring buffer overflow"',
          },
        ],
      },
      {
        code: 'flow_malformed',
        count: 1,
        examples: [{ file: 'demo.log', line: 9120, what: 'l4.TCP.destination_port is 99999' }],
      },
    ],
    setAside: [
      {
        reason: 'direction undecided',
        conversations: 41,
        examples: ['10.0.1.14:41230 ⇄ 10.0.2.7:38811 TCP'],
      },
      { reason: 'identity unresolved', conversations: 12, examples: ['10.0.9.3 has no pod at 12:04:31'] },
    ],
    lostEvents: '230',
    nodes: ['control-plane', 'worker-1', 'worker-2'],
    silentNodes: [],
    span: { from: FIXTURE_FROM, until: FIXTURE_NOW },
    live: null,
  },
  {
    name: '/var/run/cilium/hubble/events-2026-03-03T11.log.gz',
    kind: 'file',
    state: 'failed',
    problem: 'The file ends in the middle of a gzip block after 1.2 MiB; what came before it was read.',
    bytesRead: 1_258_291,
    bytesTotal: 4_194_304,
    flows: 2104,
    shapes: [{ text: 'bare flow', count: 2104 }],
    bad: [],
    setAside: [],
    lostEvents: '0',
    nodes: ['worker-2'],
    silentNodes: ['worker-2'],
    span: null,
    live: null,
  },
];
