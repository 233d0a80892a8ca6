import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Edge } from '#core/graph/edge.ts';
import { parseWorkloadId, workloadId } from '#core/identity/peer.ts';
import {
  createLiveFeed,
  DELTA_INTERVAL_MS,
  type Publication,
} from '../../../server/adapters/http/live/live-feed.ts';
import { createMomentReader } from '../../../server/adapters/http/live/moment.ts';
import { pictureView } from '../../../server/adapters/http/views/snapshot.ts';
import { FakeWorkspace, findingOn } from '../../support/fake-workspace.ts';
import { flow, pod, START, SYN, SYN_ACK, world } from '../../support/flows.ts';
import { comparable, foldDelta } from './fold-delta.ts';

const ENDS = [
  pod('shop/web-7d9c5b6f4-x2x4z', '10.0.0.1', 8080),
  pod('shop/cart-5b6f47d9c-b2b4c', '10.0.0.2', 8080),
  pod('data/db-0', '10.0.0.3', 5432),
  world('203.0.113.9', 443),
];

const talk = (from: number, to: number, at: number) => {
  const server = ENDS[to] ?? world('203.0.113.9', 443);
  const client = { ...(ENDS[from] ?? server), port: 40_000 + (at % 20_000) };
  const reply = { tcpFlags: SYN_ACK, reply: 'reply' } as const;
  return [
    flow(client, server, { at: START + at, tcpFlags: SYN, isNew: true }),
    flow(server, client, { at: START + at, ...reply }),
  ];
};

/** A feed whose timer the test fires. */
function startFeed(workspace: FakeWorkspace) {
  const read = createMomentReader(workspace);
  const waits: number[] = [];
  let waiting: (() => void) | undefined;
  const feed = createLiveFeed(workspace, read, (run, afterMs) => {
    waits.push(afterMs);
    waiting = run;
    return () => {
      waiting = undefined;
    };
  });
  const fire = () => {
    const run = waiting;
    waiting = undefined;
    run?.();
  };
  return { feed, read, fire, waits, isWaiting: () => waiting !== undefined };
}

type Operation =
  | { readonly do: 'see'; readonly from: number; readonly to: number; readonly minute: number }
  | { readonly do: 'learn' | 'find' | 'resolve' | 'publish' | 'join' | 'rename' }
  | { readonly do: 'decide'; readonly decision: 'accepted' | 'rejected' | 'held'; readonly edge: number };

const end = fc.nat({ max: ENDS.length - 1 });
const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('see'), from: end, to: end, minute: fc.nat({ max: 12 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('learn', 'find', 'resolve', 'publish', 'publish', 'join', 'rename'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('decide'),
      decision: fc.constantFrom('accepted', 'rejected', 'held'),
      edge: fc.nat({ max: 3 }),
    }),
  },
);

async function actOnEdge(workspace: FakeWorkspace, edge: Edge, operation: Operation): Promise<void> {
  if (operation.do === 'find') {
    workspace.find(findingOn(edge, { kind: workspace.graph().edges.size > 2 ? 'gone-silent' : 'new-edge' }));
  } else if (operation.do === 'rename' && edge.from.kind === 'workload') {
    workspace.rename(edge.from.id, workloadId({ ...parseWorkloadId(edge.from.id), kind: 'DaemonSet' }));
  } else if (operation.do === 'decide') {
    await workspace.decide(edge.key, operation.decision, { actor: 'local', reason: 'Why.' });
  }
}

async function act(workspace: FakeWorkspace, operation: Operation): Promise<void> {
  const edges = [...workspace.graph().edges.values()];
  if (operation.do === 'see') {
    workspace.see(talk(operation.from, operation.to, operation.minute * 60_000 + edges.length));
  } else if (operation.do === 'learn') workspace.learn();
  else if (operation.do === 'resolve') {
    for (const { id } of workspace.findings()) await workspace.setFindingState(id, 'resolved');
  }
  const edge = edges[operation.do === 'decide' ? operation.edge : 0];
  if (edge !== undefined) await actOnEdge(workspace, edge, operation);
}

/** Clients that joined at different times and went on with the deltas alone. */
function startClients(workspace: FakeWorkspace) {
  const started = startFeed(workspace);
  const clients = [started.feed.snapshot()];
  started.feed.listen(({ delta }) => {
    for (const [index, known] of clients.entries()) clients[index] = foldDelta(known, delta);
  });
  return { ...started, clients, join: () => clients.push(started.feed.snapshot()) };
}

describe('the law of the live picture', () => {
  test('a snapshot, whenever it was taken, with the deltas after it is every later snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyOperation, { maxLength: 40 }), async (operations) => {
        const workspace = new FakeWorkspace(talk(0, 1, 0));
        const { feed, read, fire, clients, join } = startClients(workspace);
        for (const operation of operations) {
          if (operation.do === 'join') join();
          else if (operation.do === 'publish') fire();
          else await act(workspace, operation);
          const current = comparable(feed.snapshot());
          expect(clients.map(comparable)).toEqual(clients.map(() => current));
        }
        fire();
        const graph = { ...pictureView(read()), seq: feed.lastSeq() };
        const { findings: _findings, ...fresh } = comparable({ graph, findings: [] });
        const { findings: _published, ...published } = comparable(feed.snapshot());
        expect(published).toEqual(fresh);
      }),
      { numRuns: 150 },
    );
  });
});

describe('the pace of the live picture', () => {
  test('any number of changes wait half a second and are one delta', () => {
    const workspace = new FakeWorkspace(talk(0, 1, 0));
    const { feed, fire, waits } = startFeed(workspace);
    const published: Publication[] = [];
    feed.listen((step) => published.push(step));
    for (let count = 0; count < 5; count += 1) workspace.see(talk(0, 1, count + 1));
    expect(waits).toEqual([DELTA_INTERVAL_MS]);
    expect(published).toEqual([]);
    fire();
    expect(published.map(({ delta }) => delta.ticks.map(([, conversations]) => conversations))).toEqual([
      [6],
    ]);
    workspace.see(talk(0, 1, 9));
    expect(waits).toEqual([DELTA_INTERVAL_MS, DELTA_INTERVAL_MS]);
  });

  test('an edge that did not change is not sent again', () => {
    const workspace = new FakeWorkspace([...talk(0, 1, 0), ...talk(1, 2, 0)]);
    const { feed, fire } = startFeed(workspace);
    const published: Publication[] = [];
    feed.listen((step) => published.push(step));
    workspace.see(talk(0, 1, 1000));
    fire();
    expect(published[0]?.delta).toMatchObject({
      edges: [],
      ticks: [[expect.any(Number), 2, 0, 0.4, START + 1000]],
    });
  });

  test('the rate of an edge falls while others talk, though nothing happens on it', () => {
    const workspace = new FakeWorkspace([...talk(0, 1, 0), ...talk(1, 2, 0)]);
    const { feed, fire } = startFeed(workspace);
    const published: Publication[] = [];
    feed.listen((step) => published.push(step));
    workspace.see(talk(0, 1, 6 * 60_000));
    fire();
    expect(published[0]?.delta.ticks.map(([, , , rate]) => rate).sort()).toEqual([0, 0.2]);
  });

  test('nobody listens: nothing is scheduled, and the next one to come sees everything', () => {
    const workspace = new FakeWorkspace(talk(0, 1, 0));
    const { feed, waits, isWaiting } = startFeed(workspace);
    const stop = feed.listen(() => undefined);
    workspace.see(talk(1, 2, 1));
    stop();
    expect(isWaiting()).toBe(false);
    workspace.see(talk(2, 3, 2));
    expect(waits).toHaveLength(1);
    expect(feed.snapshot().graph.edges).toHaveLength(3);
  });

  test('after closing, a change wakes nobody', () => {
    const workspace = new FakeWorkspace(talk(0, 1, 0));
    const { feed, isWaiting } = startFeed(workspace);
    feed.listen(() => undefined);
    feed.close();
    workspace.see(talk(1, 2, 1));
    expect(isWaiting()).toBe(false);
  });
});
