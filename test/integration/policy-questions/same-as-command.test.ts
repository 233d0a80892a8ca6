import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { collectExports } from '../../../collector/main.ts';
import { readManifestTexts } from '../../../server/adapters/manifests/read-cluster.ts';
import type { SeenGround } from '../../../server/app/policy-questions/ground.ts';
import { scopeOf } from '../../../server/app/scope-of.ts';
import { asking } from '../../support/asking.ts';
import { BLAST_CLUSTER, BLAST_POLICIES, BLAST_PROPOSAL } from '../../support/blast-cluster.ts';
import { bulkhead } from '../../support/cli.ts';
import { ANSWERS, parsedAnswer } from '../../support/question-schemas.ts';
import { tempFolderForSuite } from '../../support/temp-folder.ts';

const EXAMPLE = fileURLToPath(new URL('../../../policies-out/demo', import.meta.url));
const cwd = tempFolderForSuite();

type Server = Awaited<ReturnType<typeof asking>>;
let demo: Server;
let shop: Server;

const SEGMENTS = `bulkhead: segments/v1
segments:
  front: {workloads: [shop/frontend]}
  carts: {workloads: [shop/cart]}
  store: {namespaces: [data]}
assertions:
  - {id: carts, only: front, reaches: carts, ports: [TCP/8080], why: 'only the front sells'}
  - {id: store, never: front, reaches: store, why: 'no shortcuts'}
`;

async function seenIn(file: string): Promise<SeenGround> {
  const builder = new GraphBuilder();
  const { world, coverage } = await collectExports({ inputs: [file] }, (window) => builder.apply(window));
  const edges = [...builder.snapshot().edges.values()];
  return { world, coverage, edges, cluster: scopeOf(world, {}).cluster, proposal: undefined };
}

/** The example's policies for the cart, which now lets nobody in and lets it out to anywhere. */
function changedPolicies(): string {
  const cart = readFileSync(join(EXAMPLE, 'shop/cart-deployment.yaml'), 'utf8');
  return `${cart.split('  ingress:')[0]}  ingress: []\n  egress: [{}]\n`;
}

beforeAll(async () => {
  cpSync(EXAMPLE, join(cwd, 'policies'), { recursive: true });
  writeFileSync(join(cwd, 'segments.yaml'), SEGMENTS);
  writeFileSync(join(cwd, 'manifests.yaml'), changedPolicies());
  writeFileSync(join(cwd, 'shop.yaml'), `${BLAST_CLUSTER}---\n${BLAST_POLICIES}`);
  writeFileSync(join(cwd, 'shop-open.yaml'), BLAST_CLUSTER);
  mkdirSync(join(cwd, 'sent'));
  writeFileSync(join(cwd, 'sent/manifests.yaml'), BLAST_PROPOSAL);
  const made = await bulkhead(['demo', '-o', 'demo.log'], { cwd });
  if (made.code !== 0) throw new Error(made.err);
  const ground = await seenIn(join(cwd, 'demo.log'));
  demo = await asking({ ground, ...(await readManifestTexts([join(cwd, 'policies')])) });
  shop = await asking(await readManifestTexts([join(cwd, 'shop.yaml')]));
}, 60_000);

afterAll(async () => {
  await demo.close();
  await shop.close();
});

interface Pair {
  readonly name: string;
  readonly question: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly command: readonly string[];
  /** Which server is asked. */
  readonly of: 'demo' | 'shop';
  /** What the command can only call otherwise. */
  readonly called?: Readonly<Record<string, unknown>>;
}

const CURRENT = { from: 'current' };
const FLOWS = ['--flows', 'demo.log'];

const PAIRS: readonly Pair[] = [
  {
    name: 'connections',
    question: 'connections',
    body: { policies: CURRENT, compare: 'cilium' },
    command: ['connections', 'shop.yaml', '--compare', 'cilium'],
    of: 'shop',
  },
  {
    name: 'explain, of what is allowed',
    question: 'explain',
    body: { policies: CURRENT, from: 'shop/frontend', to: 'shop/cart', port: 8080 },
    command: ['explain', 'shop/frontend', 'shop/cart', '8080', '--policies', 'policies', ...FLOWS],
    of: 'demo',
  },
  {
    name: 'explain, of what is denied, with the smallest patch',
    question: 'explain',
    body: { policies: CURRENT, from: 'shop/frontend', to: 'data/orders-db', port: 5432 },
    command: ['explain', 'shop/frontend', 'data/orders-db', '5432', '--policies', 'policies', ...FLOWS],
    of: 'demo',
  },
  {
    name: 'explain, from manifests',
    question: 'explain',
    body: { policies: CURRENT, from: 'shop/web', to: '203.0.113.0/24', port: 443 },
    command: ['explain', 'shop/web', '203.0.113.0/24', '443', '--manifests', 'shop.yaml'],
    of: 'shop',
  },
  {
    name: 'replay',
    question: 'replay',
    body: { policies: CURRENT },
    command: ['replay', 'policies', 'demo.log'],
    of: 'demo',
  },
  {
    name: 'replay of one namespace, under policies that were sent',
    question: 'replay',
    body: { policies: { from: 'manifests', text: changedPolicies() }, namespaces: ['shop'] },
    command: ['replay', 'manifests.yaml', 'demo.log', '-n', 'shop'],
    of: 'demo',
  },
  {
    name: 'diff',
    question: 'diff',
    body: { old: CURRENT, new: { from: 'manifests', text: changedPolicies() } },
    command: ['diff', 'policies', 'manifests.yaml', ...FLOWS],
    of: 'demo',
    called: { old: 'current', new: 'manifests', failOn: ['widened', 'breaks-observed'] },
  },
  {
    name: 'diff without flows',
    question: 'diff',
    body: { old: CURRENT, new: { from: 'none' }, namespaces: ['shop'] },
    command: ['diff', 'shop.yaml', 'shop-open.yaml', '-n', 'shop'],
    of: 'shop',
    called: { old: 'current', new: 'none', failOn: ['widened', 'breaks-observed'] },
  },
  {
    name: 'assert',
    question: 'assert',
    body: { policies: CURRENT, segments: SEGMENTS },
    command: ['assert', 'segments.yaml', 'policies', 'demo.log'],
    of: 'demo',
  },
  {
    name: 'lint',
    question: 'lint',
    body: { policies: CURRENT, minSeverity: 'info' },
    command: ['lint', 'policies', ...FLOWS, '--min-severity', 'info'],
    of: 'demo',
  },
  {
    name: 'lint of policies that were sent',
    question: 'lint',
    body: {
      policies: { from: 'manifests', text: changedPolicies() },
      rules: [{ rule: 'open-egress-rule', voice: 'error' }],
    },
    command: ['lint', 'manifests.yaml', ...FLOWS, '--rule', 'open-egress-rule=error'],
    of: 'demo',
  },
  {
    name: 'ports',
    question: 'ports',
    body: { policies: CURRENT },
    command: ['ports', 'policies', 'demo.log'],
    of: 'demo',
  },
  {
    name: 'ports that nobody uses, from manifests',
    question: 'ports',
    body: { policies: CURRENT, exposed: 'cluster', namespaces: ['shop'] },
    command: ['ports', 'shop.yaml', '--exposed', 'cluster', '-n', 'shop'],
    of: 'shop',
  },
  {
    name: 'blast of every workload',
    question: 'blast',
    body: { policies: CURRENT },
    command: ['blast', '--manifests', 'policies', ...FLOWS],
    of: 'demo',
  },
  {
    name: 'blast of one workload with a proposal',
    question: 'blast',
    body: {
      policies: CURRENT,
      proposal: { from: 'manifests', text: BLAST_PROPOSAL },
      workload: 'shop/web',
      crownJewels: ['tier=data'],
      hops: 2,
    },
    command: [
      ...['blast', 'shop/web', '--manifests', 'shop.yaml', '--proposal', 'sent/manifests.yaml'],
      ...['--crown-jewel', 'tier=data', '--hops', '2'],
    ],
    of: 'shop',
  },
  {
    name: 'exposure',
    question: 'exposure',
    body: { policies: CURRENT },
    command: ['exposure', 'policies', ...FLOWS],
    of: 'demo',
  },
  {
    name: 'exposure of one new pod',
    question: 'exposure',
    body: {
      policies: CURRENT,
      pod: {
        namespace: 'shop',
        labels: [
          { key: 'z', value: '1' },
          { key: 'app', value: 'web' },
        ],
        ports: [{ name: 'http', port: 8080 }],
      },
    },
    command: ['exposure', 'shop.yaml', '-n', 'shop', '-l', 'z=1,app=web', '--port', 'http=8080'],
    of: 'shop',
  },
];

test('every question has a pair here', () => {
  expect(new Set(PAIRS.map(({ question }) => question))).toEqual(new Set(Object.keys(ANSWERS)));
});

describe('the API and the command answer the same', () => {
  test.each(PAIRS)('$name', async ({ question, body, command, of, called }) => {
    const server = of === 'demo' ? demo : shop;
    const said = await server.ask(question, { limit: 10_000, ...body });
    expect(said.statusCode, said.body).toBe(200);
    const { answer, lists } = parsedAnswer(question, said.json());
    const run = await bulkhead([...command, '--json'], { cwd });
    expect(run.code, run.err).toBeLessThan(2);
    expect(answer).toEqual({ ...JSON.parse(run.out), ...called });
    expect(lists.every(({ shown, total }) => shown === total)).toBe(true);
  });

  test('a limit cuts long lists, counts what it cut, and leaves the totals as they are', async () => {
    const whole = parsedAnswer('replay', (await demo.ask('replay', { policies: { from: 'none' } })).json());
    expect(whole.lists).toEqual([{ name: 'blocked', shown: 0, total: 0 }]);
    const body = { policies: { from: 'manifests', text: changedPolicies() } };
    const all = parsedAnswer('replay', (await demo.ask('replay', body)).json());
    const cut = parsedAnswer('replay', (await demo.ask('replay', { ...body, limit: 1 })).json());
    expect(all.lists[0]?.total).toBeGreaterThan(1);
    expect(cut.lists).toEqual([{ name: 'blocked', shown: 1, total: all.lists[0]?.total }]);
    const [some, every] = [cut.answer, all.answer] as { totals: unknown; blocked: unknown[] }[];
    expect(some?.totals).toEqual(every?.totals);
    expect(some?.blocked).toEqual(every?.blocked.slice(0, 1));
  });
});
