import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { MINUTE_MS } from '#core/flow/time.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { Peer } from '#core/identity/peer.ts';
import { SIMULATION_START, type SimulationOptions } from '#core/simulation/simulate.ts';
import { collectLines } from '../../../collector/main.ts';
import { flowsOf, ObserverClient, type Plain } from './observer-client.ts';
import { AS_READ, played, running } from './running-observer.ts';

/** Half an hour of the shop in which the data path itself reports everything. */
const FAITHFUL: SimulationOptions = {
  seed: 1,
  until: SIMULATION_START + 30 * MINUTE_MS,
  faults: { lostEventsRate: 0, missingNamesRate: 0 },
};

/** A peer as both sides can name it: the simulator knows users as `world`, flows only their addresses. */
function nameOf(peer: Peer): string {
  if (peer.kind === 'workload') return peer.id;
  if (peer.kind === 'fqdn') return peer.name;
  if (peer.kind !== 'entity') return 'world';
  return peer.entity === 'remote-node' || peer.entity === 'host' ? 'node' : peer.entity;
}

/** The edges that a pipeline makes of messages, by name. */
function edgesOf(messages: readonly Plain[]): ReadonlySet<string> {
  const builder = new GraphBuilder();
  const collector = collectLines((window) => builder.apply(window), { name: 'observer', cluster: 'demo' });
  for (const message of messages) collector.line(JSON.stringify(message));
  collector.flush();
  expect(collector.summary().badRecords).toBe(0);
  return new Set(
    [...builder.snapshot().edges.values()].map(
      ({ from, to, protocol, port }) => `${nameOf(from)} => ${nameOf(to)} ${protocol} ${port ?? 'none'}`,
    ),
  );
}

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].toSorted();

const trueEdges = (observer: { readonly truth: Awaited<ReturnType<typeof running>>['observer']['truth'] }) =>
  sorted(
    [...(observer.truth?.edges.values() ?? [])].map(
      ({ client, server, protocol, port }) =>
        `${nameOf(client)} => ${nameOf(server)} ${protocol} ${port ?? 'none'}`,
    ),
  );

describe('what a client makes of the stream is what happened', () => {
  test('edge for edge, for one that follows from the beginning', async () => {
    const { client, observer } = await running({ pace: AS_READ }, FAITHFUL);
    const stream = client.flows({ follow: true });
    await observer.played;
    const { seenFlows } = observer.tally();
    while (flowsOf(stream.messages).length < seenFlows) await stream.until(stream.messages.length + 1);
    stream.cancel();
    expect(seenFlows).toBeGreaterThan(5000);
    expect(sorted(edgesOf(stream.messages))).toEqual(trueEdges(observer));
  });

  test('and for one that is cut off again and again, and asks from a second before', async () => {
    const { address, observer } = await played({ faults: { cut: { afterMessages: 2500 } } }, FAITHFUL);
    const byUuid = new Map<string, Plain>();
    let since = 0;
    for (let code: number = status.UNAVAILABLE; code !== status.OK; ) {
      const end = await new ObserverClient(address).flows({ since: { seconds: since } }).end;
      code = end.code;
      for (const message of end.messages) {
        const flow = message['flow'] as Plain | undefined;
        if (flow === undefined) continue;
        byUuid.set(String(flow['uuid']), message);
        since = Math.max(since, Number((flow['time'] as Plain)['seconds']) - 1);
      }
    }
    expect(observer.tally().cuts).toBeGreaterThan(1);
    expect(byUuid.size).toBe(observer.tally().seenFlows);
    expect(sorted(edgesOf([...byUuid.values()]))).toEqual(trueEdges(observer));
  });
});
