import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MINUTE_MS } from '#core/flow/time.ts';
import { peerKey } from '#core/identity/peer.ts';
import { SIMULATION_START, type SimulationOptions } from '#core/simulation/simulate.ts';
import { type Observer, startObserver } from '../../../collector/sources/hubble/observer/observer.ts';
import {
  type RecordSource,
  simulatedSource,
} from '../../../collector/sources/hubble/observer/record-source.ts';
import type { ServedRecord } from '../../../collector/sources/hubble/observer/served-record.ts';
import type { GraphSnapshot } from '../../../server/contract/graph.ts';
import type { SourceHealth } from '../../../server/contract/source.ts';
import { newAuthority } from '../../support/certificates.ts';
import { type Serving, serve } from '../../support/serving.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const AUTHORITY = newAuthority('relay CA');
const NAME = 'instance.hubble-relay.cilium.io';

/** The server's seed by which the first stream ends in the middle of a message, the second by reset, the third not before all was told. */
const CUT_TWICE = 2424;

/** The shop while its data path itself reports everything. */
const FAITHFUL: SimulationOptions = {
  seed: 7,
  until: SIMULATION_START + 10 * MINUTE_MS,
  faults: { lostEventsRate: 0, missingNamesRate: 0 },
};

/** A packet that was only traced, a minute after all others: it makes no edge, and shows that the others are over. */
function minuteLater({ record, ...rest }: ServedRecord): ServedRecord {
  const { flow } = record as { readonly flow: object };
  const at = SIMULATION_START + 11 * MINUTE_MS;
  const time = new Date(at).toISOString();
  const uuid = '00000000-0000-4000-8000-000000000000';
  return { ...rest, at, record: { ...record, time, flow: { ...flow, time, uuid, verdict: 'TRACED' } } };
}

/** The simulated records, then that one. */
function withEnd(source: RecordSource): RecordSource {
  let first: ServedRecord | undefined;
  return {
    ...source,
    async next() {
      const record = await source.next();
      if (record?.kind === 'flow') first ??= record;
      if (record !== undefined || first === undefined) return record;
      const last = minuteLater(first);
      first = undefined;
      return last;
    },
  };
}

/** A Relay that asks for client certificates and breaks every stream off, playing as fast as it is read. */
async function relay(): Promise<{ readonly observer: Observer; readonly address: string }> {
  const observer = await startObserver({
    host: '127.0.0.1',
    port: 0,
    source: withEnd(simulatedSource(FAITHFUL)),
    pace: { speed: 'unpaced', from: undefined, ahead: 'allowed' },
    maxFlows: 100_000,
    faults: { cut: { afterMessages: 2300 } },
    seed: CUT_TWICE,
    tls: { ...AUTHORITY.issue(['*.hubble-relay.cilium.io']), clientCa: AUTHORITY.cert },
  });
  onTestFinished(() => observer.close());
  return { observer, address: `tls://127.0.0.1:${observer.port}` };
}

/** `bulkhead serve` that follows this address with a client certificate of this authority. */
async function following(address: string, signer: typeof AUTHORITY): Promise<Serving> {
  const folder = tempFolder();
  const client = signer.issue(['client']);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const serving = await serve(
    [
      ...['--hubble', address, '--data', join(folder, 'data'), '--tls-server-name', NAME],
      ...['--tls-ca-cert-files', file('ca.crt', AUTHORITY.cert)],
      ...['--tls-client-cert-file', file('client.crt', client.cert)],
      ...['--tls-client-key-file', file('client.key', client.key)],
    ],
    folder,
  );
  onTestFinished(() => void serving.stop('SIGKILL'));
  return serving;
}

/** Asks until the answer is as wanted; the test's own time-out ends waiting. */
async function until<T>({ address }: Serving, path: string, isWanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const response = await fetch(`${address}/api/v1/${path}`);
    const answer = (await response.json()) as T;
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

type Sources = readonly SourceHealth[];

interface CountedEdge {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number | string | undefined;
  readonly conversations: number;
}

/** A peer as both sides can name it: the truth knows users as `world`, flows only their addresses. */
function nameOf(key: string): string {
  if (key === 'entity:host' || key === 'entity:remote-node') return 'node';
  return key.startsWith('cidr:') || key === 'other-external' ? 'entity:world' : key;
}

/** Conversations by edge. Pings have no ports to tell one from the next: that they were seen is all that is compared. */
function counted(edges: readonly CountedEdge[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { from, to, protocol, port, conversations } of edges) {
    const isPing = protocol === 'ICMPv4';
    const name = `${nameOf(from)} => ${nameOf(to)} ${protocol} ${port ?? 'none'}`;
    counts[name] = isPing ? 1 : (counts[name] ?? 0) + conversations;
  }
  return counts;
}

const truthOf = ({ truth }: Observer): Readonly<Record<string, number>> =>
  counted(
    [...(truth?.edges.values() ?? [])].map((edge) => ({
      ...edge,
      from: peerKey(edge.client),
      to: peerKey(edge.server),
    })),
  );

const totalOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

test('the page that is fed over mTLS counts what happened, though its streams are cut', async () => {
  const { observer, address } = await relay();
  const serving = await following(address, AUTHORITY);
  await observer.played;
  const { seenFlows } = observer.tally();
  const [source] = await until<Sources>(serving, 'sources', ([first]) => first?.flows === seenFlows);
  const { cuts } = observer.tally();
  expect(cuts).toBeGreaterThan(0);
  expect(source).toMatchObject({
    ...{ kind: 'hubble', state: 'live', problem: null, bad: [], lostEvents: '0' },
    live: { isConnected: true, reconnects: cuts, gaps: 0, shedEvidence: 0 },
  });
  const truth = truthOf(observer);
  const { edges, mode, trust } = await until<GraphSnapshot>(
    serving,
    'graph',
    (graph) => totalOf(counted(graph.edges)) >= totalOf(truth),
  );
  expect(mode).toBe('live');
  expect(trust).toMatchObject({ flows: seenFlows, lostEvents: '0', undecided: 0, closedEarly: 0 });
  expect(counted(edges)).toEqual(truth);
});

test('a client certificate that the server does not accept is one sentence of the source', async () => {
  const { address } = await relay();
  const serving = await following(address, newAuthority('another CA'));
  const [source] = await until<Sources>(serving, 'sources', ([first]) => first?.state === 'failed');
  expect(source?.problem).toMatch(/^\S+ does not accept the client certificate[^.]*\.$/);
  expect(source).toMatchObject({ flows: 0, live: { isConnected: false } });
});
