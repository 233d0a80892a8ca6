import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolderForSuite } from '../../support/temp-folder.ts';

const cwd = tempFolderForSuite();
const drift = (...args: string[]) => bulkhead(['drift', ...args, '-b', 'baseline.yaml'], { cwd });

/** Writes the training's own recording again, an hour later, with some lines changed or added. */
function later(name: string, change: (text: string) => string): void {
  const text = readFileSync(join(cwd, 'training.jsonl'), 'utf8').replaceAll('T08:', 'T09:');
  writeFileSync(join(cwd, name), change(text));
}

/** A connection to a port that nobody had, made of one that was there. */
function strangeLine(text: string): string {
  const opening = text
    .split('\n')
    .find(
      (line) => line.includes('"SYN":true') && !line.includes('"ACK"') && line.includes('"pod_name":"cart-'),
    );
  return `${(opening ?? '').replaceAll(/"destination_port":\d+/g, '"destination_port":4444')}\n`;
}

beforeAll(async () => {
  await bulkhead(['demo', '-o', 'training.jsonl', '--minutes', '10'], { cwd });
  await bulkhead(['learn', 'training.jsonl', '-o', 'baseline.yaml'], { cwd });
  later('calm.jsonl', (text) => text);
  later('strange.jsonl', (text) => text + strangeLine(text));
  later('other.jsonl', (text) => text.replaceAll('"cluster_name":"demo"', '"cluster_name":"edge"'));
});

test('the same traffic an hour later is no drift, and the answer says how much was compared', async () => {
  const text = await drift('calm.jsonl');
  expect(text).toMatchObject({ code: 0, err: '' });
  expect(text.out).toMatch(/^no drift since 2026-03-02T08:0\S+Z: \d+ conversations compared\n$/);
  const json = await drift('calm.jsonl', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ findings: [] });
  expect(JSON.parse(json.out).compared).toBeGreaterThan(100);
});

test.each(['shop', 'kube-system', 'monitoring'])(
  'looking at namespace %s alone does not make the others look silent',
  async (namespace) => {
    const run = await drift('calm.jsonl', '-n', namespace);
    expect(run).toMatchObject({
      code: 0,
      out: expect.stringContaining(`no drift in namespace ${namespace}`),
    });
  },
);

test('a namespace has its own findings and no others', async () => {
  const own = await drift('strange.jsonl', '-n', 'shop');
  expect(own).toMatchObject({ code: 1, out: expect.stringContaining('TCP 4444') });
  const others = await drift('strange.jsonl', '-n', 'monitoring');
  expect(others).toMatchObject({ code: 0, out: expect.not.stringContaining('TCP 4444') });
});

test.each([
  { name: 'flows of the training window only', args: ['training.jsonl'], says: 'the input has demo (' },
  { name: 'flows of another cluster', args: ['other.jsonl'], says: 'the input has edge (' },
  {
    name: 'a range that leaves everything out',
    args: ['calm.jsonl', '--from', '2030-01-01'],
    says: 'flows outside the range',
  },
])('$name are nothing to compare: exit code 2 and a sentence, not "no drift"', async ({ args, says }) => {
  const text = await drift(...args);
  expect(text).toMatchObject({ code: 2, out: '' });
  expect(text.err).toMatch(/^bulkhead: nothing was compared: no conversation of cluster demo lies in /);
  expect(text.err).toContain(says);
  const json = await drift(...args, '--json');
  expect(json.code).toBe(2);
  expect(JSON.parse(json.out)).toMatchObject({ compared: 0, findings: [] });
});

test('an input that could not be read is exit code 2, and what the others show is still told', async () => {
  const run = await drift('strange.jsonl', 'nope.jsonl');
  expect(run).toMatchObject({ code: 2, out: expect.stringContaining('TCP 4444') });
  expect(run.err).toContain('nope.jsonl does not exist');
});

/** Thirty connections to ports of one pod in each of these namespaces, from whoever opened the strange one. */
function scanLines(text: string, namespaces: readonly string[]): string {
  const record = JSON.parse(strangeLine(text));
  const { flow } = record;
  return namespaces
    .flatMap((namespace, at) =>
      Array.from({ length: 30 }, (_, index) => {
        const destination = { namespace, pod_name: 'prey-0', labels: ['k8s:app=prey'], cluster_name: 'demo' };
        const ports = { source_port: 41_000 + at * 100 + index, destination_port: 7000 + index };
        const IP = { ...flow.IP, destination: `10.99.0.${at + 1}` };
        const l4 = { TCP: { ...ports, flags: { SYN: true } } };
        return `${JSON.stringify({ ...record, flow: { ...flow, IP, l4, destination } })}\n`;
      }),
    )
    .join('');
}

test('a scan is a finding of each namespace it reached into, and of no other', async () => {
  later('scan.jsonl', (text) => text + scanLines(text, ['first', 'second']));
  for (const namespace of ['shop', 'first', 'second']) {
    const run = await drift('scan.jsonl', '-n', namespace);
    expect({ namespace, out: run.out }).toEqual({ namespace, out: expect.stringContaining('Fan-out') });
  }
  expect((await drift('scan.jsonl', '-n', 'monitoring')).code).toBe(0);
});
