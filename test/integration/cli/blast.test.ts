import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BLAST_CLUSTER, BLAST_POLICIES, BLAST_PROPOSAL } from '../../support/blast-cluster.ts';
import { bulkhead } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';

function folder(): string {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'cluster.yaml'), BLAST_CLUSTER);
  writeFileSync(join(cwd, 'current.yaml'), BLAST_POLICIES);
  writeFileSync(join(cwd, 'proposal.yaml'), BLAST_PROPOSAL);
  return cwd;
}

const STAGES = ['--manifests', 'cluster.yaml', '--policies', 'current.yaml', '--proposal', 'proposal.yaml'];

describe('blast', () => {
  test('says which clusters of a recording it leaves out, unless one was chosen', async () => {
    const cwd = tempFolder();
    await bulkhead(['demo', '-o', 'demo.log', '--minutes', '3'], { cwd });
    const text = readFileSync(join(cwd, 'demo.log'), 'utf8');
    const west = text
      .replaceAll('"cluster_name":"demo"', '"cluster_name":"west"')
      .replaceAll('demo/', 'west/');
    writeFileSync(join(cwd, 'both.log'), text + west);
    const both = await bulkhead(['blast', '--flows', 'both.log'], { cwd });
    expect(both.err).toContain('this is about cluster demo; the input also has west (see --cluster)');
    const mixed = await bulkhead(['graph', 'both.log'], { cwd });
    expect(mixed.err).toContain('these are edges of clusters demo, west together; --cluster keeps one');
    const chosen = await bulkhead(['blast', '--flows', 'both.log', '--cluster', 'west'], { cwd });
    expect({ code: chosen.code, err: chosen.err }).toEqual({ code: 0, err: '' });
  });

  test('tells what a compromised pod reaches hop by hop, and the way to a crown jewel with its rules', async () => {
    const cwd = folder();
    const { code, out, err } = await bulkhead(['blast', 'shop/web', ...STAGES, '--crown-jewel', 'shop/db'], {
      cwd,
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(
      out,
    ).toBe(`If a pod of shop/web[Deployment] is taken over (cluster default, kubernetes), it reaches of 3 other workloads:
  workloads (ports)         no policies   current policies   proposal
  1 hop                     3 (3)         2 (2)              2 (2)
  2 hops                    3 (3)         3 (3)              2 (2)
  any number                3 (3)         3 (3)              2 (2)
  outside, directly         any address   any address        any address
  outside, through others   any address   any address        any address
  nodes and API server      yes           yes                yes
Only ports count that somebody is known to listen on (4 of all workloads). --every-port counts all that policies allow.
reached directly under the proposal: 2 workloads
  shop/cart[Deployment]   TCP 7070
  shop/job[Deployment]    TCP 9000
crown jewel shop/db[Deployment]
  with no policies: REACHED in 1 hop
  under the current policies: REACHED in 2 hops
    shop/web[Deployment] => shop/cart[Deployment] : TCP 7070
      egress: no policy isolates it
      by shop/cart ingress[0] (current.yaml:10), from pods app=web of the policy's own namespace on TCP 7070
    shop/cart[Deployment] => shop/db[Deployment] : TCP 5432
      egress: no policy isolates it
      by shop/db ingress[0] (current.yaml:1), from pods app=cart of the policy's own namespace on TCP 5432
  under the proposal: not reached
`);
  });

  test('ranks all workloads when none is named, largest first, with the figure before and after', async () => {
    const { code, out } = await bulkhead(['blast', ...STAGES, '--crown-jewel', 'tier=data'], {
      cwd: folder(),
    });
    expect(code).toBe(0);
    expect(out).toContain('  in the end, mean             3.0 (100 %)   3.0 (100 %)        2.3 (75 %)\n');
    expect(out).toContain('  less than with no policies   -             0 %                25 %\n');
    expect(out).toContain(
      'crown jewel shop/db[Deployment] is reached with no policies by 3 of 3 (3 directly), under the current policies by 3 of 3 (1 directly), under the proposal by 0 of 3 (0 directly)\n',
    );
  });

  test('fails a pipeline on a path to a crown jewel only under the last policies given', async () => {
    const cwd = folder();
    const gate = ['--crown-jewel', 'shop/db', '--fail-on-path'];
    const current = [
      'blast',
      'shop/web',
      '--manifests',
      'cluster.yaml',
      '--policies',
      'current.yaml',
      ...gate,
    ];
    const reached = await bulkhead(current, { cwd });
    expect(reached.code).toBe(1);
    expect(reached.err).toBe('bulkhead: a crown jewel can be reached (--fail-on-path): 1 of 1\n');
    expect((await bulkhead(['blast', 'shop/web', ...STAGES, ...gate], { cwd })).code).toBe(0);
  });

  test('fails a pipeline when more is reached than --max-reach allows', async () => {
    const cwd = folder();
    expect((await bulkhead(['blast', 'shop/web', ...STAGES, '--max-reach', '2'], { cwd })).code).toBe(0);
    expect((await bulkhead(['blast', 'shop/web', ...STAGES, '--max-reach', '1'], { cwd })).code).toBe(1);
  });

  test('gives both readings of which ports count as JSON', async () => {
    const { out } = await bulkhead(['blast', 'shop/web', ...STAGES, '--json'], { cwd: folder() });
    const { readings } = JSON.parse(out) as {
      readings: { ports: string; stages: { stage: string; closure: { pairs: number } }[] }[];
    };
    expect(readings.map(({ ports }) => ports)).toEqual(['listening', 'every']);
    expect(readings[0]?.stages.map(({ closure }) => closure.pairs)).toEqual([3, 3, 2]);
    expect(readings[1]?.stages[0]?.closure.pairs).toBe(3 * 3 * 65_535);
  });

  test.each([
    [[], 'say who is there'],
    [['shop/nobody', '--manifests', 'cluster.yaml'], 'no workload called shop/nobody is known.'],
    [['--manifests', 'cluster.yaml', '--hops', '0'], '--hops must be at least 1.'],
    [['--manifests', 'cluster.yaml', '--fail-on-path'], '--fail-on-path needs the workload'],
    [['--manifests', 'absent'], 'absent could not be read'],
  ])('refuses what it can not answer: %j', async (args, sentence) => {
    const { code, out, err } = await bulkhead(['blast', ...args], { cwd: folder() });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
  });
});
