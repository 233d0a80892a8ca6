import { beforeAll, expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolderForSuite } from '../../support/temp-folder.ts';

const cwd = tempFolderForSuite();
const run = (...args: string[]) => bulkhead(args, { cwd });

beforeAll(() => run('demo', '-o', 'demo.log'));

test('a query narrows the graph to the edges that fit', async () => {
  const { code, out } = await run('graph', 'demo.log', '--query', 'to:data/* -verdict:allowed');
  expect(code).toBe(0);
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('monitoring/prometheus[StatefulSet] => data/cache[StatefulSet] : TCP 9121');
});

test('labels of pods and rates can be asked for', async () => {
  const { out } = await run(
    'graph',
    'demo.log',
    '--query',
    'label:app.kubernetes.io/name=cart port:6379 rate>0.1',
  );
  expect(out).toContain('shop/cart[Deployment] => data/cache[StatefulSet] : TCP 6379');
  expect(
    out
      .trimEnd()
      .split('\n')
      .every((line) => line.includes('shop/cart')),
  ).toBe(true);
});

test('a query that nothing fits says so, instead of looking like a quiet cluster', async () => {
  const { code, out, err } = await run('graph', 'demo.log', '--query', 'to:nobody');
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(err).toMatch(/none of \d+ edges fits the query/);
});

test('a fault is shown at its place, before anything is read', async () => {
  const { code, err } = await run('graph', 'no-such-file', '--query', 'to:data/* verdicts:allowed');
  expect(code).toBe(2);
  expect(err).toContain('There is no field of this name; there are from, to, either');
  expect(err).toContain('  to:data/* verdicts:allowed\n            ^^^^^^^^\n');
  expect(err).not.toContain('no-such-file');
});

test('new: is refused where there is no baseline to be new against', async () => {
  const { code, err } = await run('graph', 'demo.log', '--query', 'new:yes');
  expect(code).toBe(2);
  expect(err).toContain('bulkhead drift');
});

test('replay too says so when nothing fits, instead of looking like policies that block nothing', async () => {
  await run('propose', 'demo.log', '-o', 'out');
  const { code, err } = await run('replay', 'out', 'demo.log', '--query', 'to:nobody');
  expect(code).toBe(0);
  expect(err).toMatch(/none of \d+ edges fits the query/);
});

test('replay judges only the conversations that fit', async () => {
  await run('propose', 'demo.log', '-o', 'out');
  const all = await run('replay', 'out', 'demo.log', '--json');
  const some = await run('replay', 'out', 'demo.log', '--json', '--query', 'to:feature-flags');
  const lines = (text: string) =>
    (JSON.parse(text) as { blocked: { line: string }[] }).blocked.map(({ line }) => line);
  expect(lines(some.out)).toEqual(lines(all.out).filter((line) => / => \S*feature-flags/.test(line)));
  expect(lines(all.out).length).toBeGreaterThan(lines(some.out).length);
});
