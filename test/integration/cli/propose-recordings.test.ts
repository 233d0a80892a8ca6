import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Certificate } from '#core/policy/certificate.ts';
import { bulkhead } from '../../support/cli.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { tempFolder } from '../../support/temp-folder.ts';

interface GraphEdge {
  readonly line: string;
  readonly from: string;
  readonly to: string;
  readonly outcomes: Readonly<Record<'forwarded' | 'redirected' | 'audited', number>>;
}

const touchesWorkload = ({ from, to }: GraphEdge): boolean =>
  from.startsWith('workload:') || to.startsWith('workload:');

const wasLetThrough = ({ outcomes }: GraphEdge): boolean => outcomes.forwarded + outcomes.redirected > 0;

describe.skipIf(!hasRecordings)(`all Hubble recordings at once${skippedWithoutRecordings}`, () => {
  test('give a proof for each cluster, which together name every conversation that was let through', async () => {
    const [cwd, inputs] = [tempFolder(), recording('flows', 'hubble')];
    const proposed = await bulkhead(['propose', inputs, '-o', 'out'], { cwd });
    const clusters = readdirSync(join(cwd, 'out')).sort();
    expect(clusters).toEqual(['default', 'kind-kind']);
    expect(proposed.out).toMatch(/^ {2}collision: multiubuntu\/.* also select /m);
    const lines = clusters.flatMap((cluster) => {
      const text = readFileSync(join(cwd, 'out', cluster, 'certificate.json'), 'utf8');
      return (JSON.parse(text) as Certificate).conversations.map(({ line }) => line);
    });
    const graph = await bulkhead(['graph', inputs, '--format', 'json'], { cwd });
    const { edges } = JSON.parse(graph.out) as { readonly edges: readonly GraphEdge[] };
    const due = edges.filter((edge) => touchesWorkload(edge) && wasLetThrough(edge));
    expect(due.length).toBeGreaterThan(30);
    expect(due.map(({ line }) => line).filter((line) => !lines.includes(line))).toEqual([]);
    expect((await bulkhead(['verify', 'out'], { cwd })).code).toBe(0);
  });
});
