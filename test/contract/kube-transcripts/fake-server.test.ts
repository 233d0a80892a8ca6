import { afterAll, describe, expect, test } from 'vitest';
import { FakeApiServer } from '../../support/fake-api-server/fake-api-server.ts';
import { hasRecordings, skippedWithoutRecordings } from '../../support/recordings.ts';
import { type Transcript, transcriptsOf } from './transcripts.ts';

/** What the fake plays: everything about policies but watches, which have tests of their own. */
const FIRST = 10;
const LAST = 65;

/** Watches have tests of their own; and this list is from a past that a real server still has until etcd is compacted. */
const NOT_PLAYED = /^\d+-(?:watch-)|list-too-old-exact/;

const numberOf = ({ name }: Transcript): number => Number(name.slice(0, 2));

/** Everything that is new with each run, or that nobody promised: ids, times, versions, who manages which field. */
const VOLATILE = new Set([
  'uid',
  'creationTimestamp',
  'resourceVersion',
  'managedFields',
  'generation',
  'remainingItemCount',
  'continue',
  'description',
]);

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'string') return value.replace(/current: \d+/, 'current: N').replace(/^\d+s$/, 'age');
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, each]) => !VOLATILE.has(key) && each !== undefined);
  return Object.fromEntries(kept.map(([key, each]) => [key, plain(each)]));
}

/** What was done to the real server while it was being watched. */
const BESIDE: Readonly<Record<string, (server: FakeApiServer) => void>> = {
  '52-watch-from-rv': (server) => {
    relabel(server, { a: 'b', w: '1', y: '1' });
    server.remove('networkpolicies', 'ssa', 'shop');
  },
  '54-label-back': (server) => relabel(server, { a: 'b', w: '1', y: '1' }),
  '55-watch-labelselector-drop-becomes-deleted': (server) => {
    relabel(server, { w: '1', y: '1' });
    server.remove('networkpolicies', 'ssa', 'shop');
  },
};

function relabel(server: FakeApiServer, labels: Readonly<Record<string, string>>): void {
  const web = server.store.get(server.kind('networkpolicies'), 'web', 'shop');
  if (web !== undefined) server.put('networkpolicies', { ...web, metadata: { ...web.metadata, labels } });
}

async function asked(server: FakeApiServer, { request }: Transcript) {
  const { method, path, accept, contentType, body } = request;
  const headers = { accept: accept ?? 'application/json', 'content-type': contentType ?? 'application/json' };
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  const init = method === 'GET' ? { headers } : { method, headers, body: sent ?? '' };
  const answer = await fetch(`${server.url}${path}`, init);
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  const parsed: unknown = isJson ? JSON.parse(text) : text;
  return { status: answer.status, body: plain(parsed), warning: answer.headers.get('warning') ?? undefined };
}

/** The words of the decoder of 1.20 quote the bytes around the fault: that much is not played. */
const onlyStatus = ({ name }: Transcript, version: string): boolean =>
  version === 'v1.20.2' && name.includes('wrongtype');

async function differenceOf(
  server: FakeApiServer,
  transcript: Transcript,
  version: string,
): Promise<unknown> {
  const { status, headers, body } = transcript.response;
  const found = await asked(server, transcript);
  const wanted = { status, body: plain(body), warning: headers['Warning'] };
  const isSame = onlyStatus(transcript, version)
    ? found.status === wanted.status
    : JSON.stringify(sorted(found)) === JSON.stringify(sorted(wanted));
  return isSame ? undefined : { name: transcript.name, found, wanted };
}

describe.each([
  { version: 'v1.20.2', release: '1.20' },
  { version: 'v1.36.2', release: '1.36' },
] as const)('the fake API server of $release', ({ version, release }) => {
  describe.skipIf(!hasRecordings)(
    `against the transcripts of ${version}${skippedWithoutRecordings}`,
    async () => {
      const server = new FakeApiServer({ release });
      afterAll(() => server.stop());
      const played = hasRecordings
        ? transcriptsOf(version).filter((each) => numberOf(each) >= FIRST && numberOf(each) <= LAST)
        : [];

      test('answers every request about policies as the real one did, word by word', async () => {
        await server.start();
        server.put('namespaces', { metadata: { name: 'shop' } });
        server.store.compact();
        const differences: unknown[] = [];
        for (const transcript of played) {
          BESIDE[transcript.name]?.(server);
          if (NOT_PLAYED.test(transcript.name)) continue;
          const difference = await differenceOf(server, transcript, version);
          if (difference !== undefined) differences.push(difference);
        }
        expect(differences).toEqual([]);
        expect(played.length).toBeGreaterThan(40);
      });
    },
  );
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}
