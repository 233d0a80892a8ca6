import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolderForSuite } from '../../support/temp-folder.ts';

const cwd = tempFolderForSuite();
const run = (...args: string[]) => bulkhead(args, { cwd });

interface Talk {
  readonly namespace: string;
  readonly port: number;
  readonly cluster?: string;
  readonly verdict?: string;
}

/** One conversation between two pods of a namespace. */
function talk({ namespace, port, cluster, verdict = 'FORWARDED' }: Talk): string {
  const end = (name: string) => ({
    namespace,
    pod_name: name,
    labels: [`k8s:app=${name.split('-')[0]}`],
    ...(cluster === undefined ? {} : { cluster_name: cluster }),
  });
  const flow = {
    time: '2026-03-02T08:00:00Z',
    verdict,
    ...(verdict === 'DROPPED' ? { drop_reason_desc: 'POLICY_DENIED' } : {}),
    IP: { source: `10.0.${port % 200}.1`, destination: `10.0.${port % 200}.2` },
    l4: { TCP: { source_port: 40_000 + port, destination_port: port, flags: { SYN: true } } },
    source: end('cart-7d9c5b6f4-x2x4z'),
    destination: end('db-0'),
    event_type: { type: verdict === 'DROPPED' ? 1 : 4 },
  };
  return `${JSON.stringify({ flow })}\n`;
}

beforeAll(async () => {
  writeFileSync(
    join(cwd, 'two.log'),
    talk({ namespace: 'shop', port: 80 }) + talk({ namespace: 'bank', port: 81 }),
  );
  writeFileSync(
    join(cwd, 'clusters.log'),
    talk({ namespace: 'shop', port: 80, cluster: 'east' }) +
      talk({ namespace: 'bank', port: 81, cluster: 'west' }),
  );
  writeFileSync(join(cwd, 'denied.log'), talk({ namespace: 'shop', port: 80, verdict: 'DROPPED' }));
  writeFileSync(join(cwd, 'text.log'), 'nothing but words\n');
  await run('propose', 'two.log', '-o', 'out');
});

describe('a graph without an edge says why on standard error, and is fine', () => {
  test.each([
    {
      args: ['two.log', '--from', '2030-01-01'],
      says: 'no flow lies in the range; the input has 2 flows outside it',
    },
    {
      args: ['two.log', '-n', 'shpo'],
      says: 'no edge touches namespace shpo; the input has 2 edges elsewhere (in bank, shop)',
    },
    { args: ['text.log'], says: 'the input holds no flow' },
  ])('graph $args', async ({ args, says }) => {
    expect(await run('graph', ...args)).toEqual({ code: 0, out: '', err: `bulkhead: ${says}\n` });
    const json = await run('graph', ...args, '--json');
    expect(JSON.parse(json.out)).toEqual({ nodes: [], edges: [] });
  });
});

describe('--cluster', () => {
  test('narrows the graph to what touches that cluster', async () => {
    const { out } = await run('graph', 'clusters.log', '--cluster', 'west');
    expect(out).toBe('bank/cart[Deployment] => bank/db[StatefulSet] : TCP 81 (1 conversation)\n');
  });

  test('is where flows that name no cluster belong', async () => {
    const { code, out } = await run('graph', 'two.log', '--cluster', 'north', '--json');
    expect({ code, nodes: JSON.parse(out).nodes }).toMatchObject({
      code: 0,
      nodes: [{ cluster: 'north' }, {}, {}, {}],
    });
  });

  test.each(['graph', 'inspect', 'learn', 'propose'])(
    'that no pod is in is refused by %s, which names those there are',
    async (command) => {
      const { code, out, err } = await run(command, 'clusters.log', '--cluster', 'north');
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toBe(
        'bulkhead: no pod of cluster north is in the input; it has east (2 pods) and west (2 pods).\n',
      );
    },
  );

  test.each(['', ' ', 'a\u001b[2Jb', 'x'.repeat(254)])('%j is refused as a name', async (cluster) => {
    const { code, err } = await run('graph', 'two.log', '--cluster', cluster);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/^bulkhead: --cluster must be a name/),
    });
  });

  test('is explained with both its meanings', async () => {
    const { out } = await run('graph', '--help');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'the cluster to look at; flows that name none belong to it',
    );
  });
});

describe('inspect of one namespace', () => {
  test('tells what is of the namespace from what is of the whole input', async () => {
    const { out } = await run('inspect', 'two.log', '-n', 'shop');
    expect(out).toMatch(
      /^only namespace shop\nedges +1\noutcomes +1 forwarded,.*\n\nthe whole input\nfiles /,
    );
    expect(out.split('the whole input')[1]).toMatch(/\nconversations +2\nedges +2\noutcomes +2 forwarded/);
  });

  test('does so in JSON', async () => {
    const { out } = await run('inspect', 'two.log', '-n', 'shop', '--json');
    expect(JSON.parse(out)).toMatchObject({
      edges: 2,
      only: { namespaces: ['shop'], edges: 1, outcomes: { forwarded: 1 } },
    });
  });
});

describe('an input that could not be read', () => {
  test.each([
    ['inspect', 'two.log', 'nope.log'],
    ['graph', 'two.log', 'nope.log'],
    ['learn', 'two.log', 'nope.log'],
    ['propose', 'two.log', 'nope.log', '-o', 'with-nope'],
    ['verify', 'out', '--flows', 'two.log', 'nope.log'],
  ])('makes `bulkhead %s …` end with code 2, after it has told what the others gave', async (...args) => {
    const { code, out, err } = await run(...args);
    expect({ code, err }).toEqual({ code: 2, err: 'bulkhead: nope.log does not exist.\n' });
    expect(out.length).toBeGreaterThan(20);
  });
});

test('verify --strict ends with code 2 when a record of the flows could not be read', async () => {
  writeFileSync(
    join(cwd, 'bad.log'),
    `${talk({ namespace: 'shop', port: 80 })}{"flow":{"verdict":12.5,"IP":7}}\n`,
  );
  const verify = (...more: string[]) => run('verify', 'out', '--flows', 'bad.log', ...more);
  expect((await verify()).code).toBe(0);
  expect((await verify('--strict')).code).toBe(2);
});

test('where everything was denied, learning says so', async () => {
  const { code, out } = await run('learn', 'denied.log', '-o', 'denied.yaml');
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringContaining('Nothing was let through in the window; 1 conversation was denied'),
  });
});

test('with --json there is one JSON document, also when nothing was found', async () => {
  for (const args of [
    ['inspect', 'text.log'],
    ['graph', 'text.log'],
    ['learn', 'text.log', '-o', 'text.yaml'],
    ['propose', 'text.log', '-o', 'text-out'],
    ['drift', 'text.log', '-b', 'text.yaml'],
    ['verify', 'text-out', '--flows', 'text.log'],
  ]) {
    const { out } = await run(...args, '--json');
    expect({ args, document: JSON.parse(out) }).toEqual({ args, document: expect.any(Object) });
  }
});

test.each([['learn', 'two.log'], ['demo']])(
  '`bulkhead %s` refuses to mix its file with JSON on standard output',
  async (...args) => {
    expect(await run(...args, '-o', '-', '--json')).toEqual({
      code: 2,
      out: '',
      err: 'bulkhead: --json needs -o with a file.\n',
    });
  },
);

test.each([
  { args: ['graph'], says: "missing required argument 'flows'", see: 'bulkhead graph --help' },
  {
    args: ['graph', 'x', '--jsn'],
    says: "unknown option '--jsn' (Did you mean --json?)",
    see: 'bulkhead graph --help',
  },
  { args: ['grpah'], says: "unknown command 'grpah' (Did you mean graph?)", see: 'bulkhead --help' },
  { args: ['gr\u001b[2Japh\nx'], says: "unknown command 'gr\\u{1b}[2Japh x'", see: 'bulkhead --help' },
])('wrong usage is one sentence and where to read on: $args', async ({ args, says, see }) => {
  expect(await run(...args)).toEqual({ code: 2, out: '', err: `bulkhead: ${says}\nsee \`${see}\`\n` });
});
