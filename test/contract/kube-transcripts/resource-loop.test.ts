import { describe, expect, test } from 'vitest';
import { Inventory, type InventoryChange } from '#core/inventory/inventory.ts';
import type { GetOptions, KubeClient } from '../../../collector/inventory/kube-client.ts';
import { failureOfStatus, KubeError } from '../../../collector/inventory/kube-failure.ts';
import { ResourceLoop } from '../../../collector/inventory/resource-loop.ts';
import { RESOURCES, type Resource } from '../../../collector/inventory/resources.ts';
import { WATCH_DEFAULTS, type WatchState } from '../../../collector/inventory/watch-machine.ts';
import { hasRecordings, skippedWithoutRecordings } from '../../support/recordings.ts';
import { eventsOf, type Transcript, transcriptsOf } from './transcripts.ts';

const resource = (kind: string): Resource => {
  const found = RESOURCES.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

interface Told {
  readonly changes: readonly InventoryChange[];
  readonly states: readonly WatchState[];
  /** What was asked for, in order: `list`, or `watch` and the version. */
  readonly asked: readonly string[];
}

async function* linesOf(events: readonly unknown[]): AsyncGenerator<Uint8Array, void> {
  const bytes = new TextEncoder().encode(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  // Cut in the middle of things, as a network does.
  for (let from = 0; from < bytes.length; from += 997) yield bytes.subarray(from, from + 997);
}

/** Runs a loop on recorded answers, one after the other, until there are none left. */
async function told(kind: string, answers: readonly (Transcript | 'list-empty')[]): Promise<Told> {
  const stop = new AbortController();
  const changes: InventoryChange[] = [];
  const states: WatchState[] = [];
  const asked: string[] = [];
  const rest = [...answers];
  const next = (): Transcript | 'list-empty' => {
    const answer = rest.shift();
    if (answer !== undefined) return answer;
    stop.abort();
    throw new KubeError({ code: 'unreachable', detail: 'no more transcripts' });
  };
  const bodyOf = (answer: Transcript | 'list-empty'): unknown => {
    if (answer === 'list-empty') return { metadata: { resourceVersion: '1' }, items: [] };
    const { status, body } = answer.response;
    if (status !== 200) throw new KubeError(failureOfStatus(status, body));
    return body;
  };
  const client: KubeClient = {
    server: 'https://transcripts',
    get: async () => {
      asked.push('list');
      return bodyOf(next());
    },
    open: async (_path: string, { query }: GetOptions = {}) => {
      asked.push(`watch ${query?.['resourceVersion']}`);
      const answer = next();
      return { body: linesOf(answer === 'list-empty' ? [] : eventsOf(answer)), close: () => undefined };
    },
    dryRunCreate: () => Promise.reject(new Error('a loop never writes')),
  };
  await new ResourceLoop({
    client,
    resource: resource(kind),
    namespace: undefined,
    settings: WATCH_DEFAULTS,
    world: { now: () => 1000 * asked.length, chance: () => 0, wait: async () => undefined },
    onChange: (change) => changes.push(change),
    onState: (state) => states.push(state),
    onNameless: () => undefined,
    signal: stop.signal,
  }).run();
  return { changes, states, asked };
}

const named = ({ changes }: Told): readonly string[] =>
  changes.flatMap((change) => {
    if (change.do === 'put') return [`put ${change.object.key}`];
    return change.do === 'gone' ? [`gone ${change.key}`] : [];
  });

describe.each(['v1.20.2', 'v1.36.2'] as const)('what %s really said', (version) => {
  describe.skipIf(!hasRecordings)(`read by the loop${skippedWithoutRecordings}`, () => {
    const all = hasRecordings ? transcriptsOf(version) : [];
    const transcript = (name: string): Transcript => {
      const found = all.find((each) => each.name.endsWith(name));
      if (found === undefined) throw new Error(`no transcript ${name}`);
      return found;
    };

    test('a watch goes on where the list ended, and what is deleted goes', async () => {
      const seen = await told('NetworkPolicy', [transcript('list-for-watch'), transcript('watch-from-rv')]);
      const { resourceVersion } = (
        transcript('list-for-watch').response.body as { metadata: { resourceVersion: string } }
      ).metadata;
      expect(seen.asked.slice(0, 2)).toEqual(['list', `watch ${resourceVersion}`]);
      expect(named(seen).slice(0, 2)).toEqual(['put shop/ssa', 'put shop/web']);
      expect(named(seen).at(-1)).toMatch(/^gone shop\//);
    });

    test('an object that leaves the selection is gone, as the server says', async () => {
      const seen = await told('NetworkPolicy', [
        'list-empty',
        transcript('watch-labelselector-drop-becomes-deleted'),
      ]);
      expect(named(seen)).toContain('gone shop/web');
      expect([...named(seen).slice(0, 2)].sort()).toEqual(['put shop/ssa', 'put shop/web']);
    });

    test('a version that is too old is an ERROR event, and is listed anew', async () => {
      const seen = await told('NetworkPolicy', [
        transcript('list-for-watch'),
        transcript('watch-after-restart-rv-too-old'),
        transcript('list-rv-old-ok'),
      ]);
      expect(seen.asked.map((each) => each.split(' ')[0])).toEqual(['list', 'watch', 'list', 'watch']);
      expect(seen.states.some(({ problem }) => problem?.code === 'expired')).toBe(true);
      const inventory = new Inventory();
      for (const change of seen.changes) inventory.apply(change);
      expect(inventory.model().policies).toEqual([]); // the new list is empty: what was there is gone
    });

    test('a version from the future is listed anew, too', async () => {
      const seen = await told('NetworkPolicy', [
        transcript('list-future-rv-504'),
        transcript('list-for-watch'),
      ]);
      expect(seen.asked.slice(0, 2)).toEqual(['list', 'list']);
    });

    test('without rights it says so and waits', async () => {
      const seen = await told('NetworkPolicy', [transcript('sa-403')]);
      expect(seen.states.map(({ standing }) => standing)).toContain('forbidden');
      expect(named(seen)).toEqual([]);
    });

    test('a bookmark moves the version on, and changes nothing', async () => {
      const seen = await told('NetworkPolicy', ['list-empty', transcript('watch-bookmarks')]);
      expect(named(seen)).toEqual(['put shop/web']);
      const last = eventsOf(transcript('watch-bookmarks')).at(-1) as {
        object: { metadata: { resourceVersion: string } };
      };
      expect(seen.asked.at(-1)).toBe(`watch ${last.object.metadata.resourceVersion}`);
    });
  });
});

describe.skipIf(!hasRecordings)(`pods of a real Deployment${skippedWithoutRecordings}`, () => {
  test('belong to it, and have their addresses', async () => {
    const all = transcriptsOf('v1.36.2');
    const transcript = (name: string): Transcript =>
      all.find((each) => each.name.endsWith(name)) as Transcript;
    const inventory = new Inventory();
    for (const [kind, name] of [
      ['Deployment', 'deploy-list'],
      ['ReplicaSet', 'rs-list'],
      ['Service', 'svc-list'],
    ] as const) {
      for (const change of (await told(kind, [transcript(name)])).changes) inventory.apply(change);
    }
    for (const change of (await told('Pod', ['list-empty', transcript('pods-watch-from-0')])).changes)
      inventory.apply(change);
    const { workloads, pods, services } = inventory.model();
    expect(workloads.map(({ kind, name }) => `${name}[${kind}]`)).toEqual([
      'fe[Deployment]',
      'web[Deployment]',
    ]);
    expect(pods.some(({ pod, workload }) => workload === 0 && pod.ips.includes('10.1.0.10'))).toBe(true);
    expect(services.map(({ clusterIps }) => clusterIps)).toEqual([['10.96.149.44']]);
  });
});
