import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BLAST_CLUSTER, BLAST_PROPOSAL } from '../../support/blast-cluster.ts';
import { bulkhead } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';

function folder(): string {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'cluster.yaml'), BLAST_CLUSTER);
  writeFileSync(join(cwd, 'policies.yaml'), BLAST_PROPOSAL);
  return cwd;
}

const FILES = ['cluster.yaml', 'policies.yaml'];

describe('exposure', () => {
  test('tells what is open to pods still to come, widest first, and rules that wait for somebody', async () => {
    const { code, out, err } = await bulkhead(['exposure', ...FILES], { cwd: folder() });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(
      out,
    ).toBe(`Exposure of 4 workloads under 2 policies (kubernetes): widest first, without what a wider group may anyway
who could reach what is here
  any address outside, any pod of any namespace, new ones too
    2 workloads: shop/job[Deployment], shop/web[Deployment] : all ports
      no policy isolates ingress there
  pods app=backup of namespace shop, which nobody is today
    shop/db[Deployment] : TCP 5432
      by shop/db ingress[0] (policies.yaml:1), from pods app=backup of the policy's own namespace on TCP 5432
whom what is here could reach
  any address outside, any pod of any namespace, new ones too
    every workload of every namespace (4) : all ports
      no policy isolates egress there
and 1 opening to labels that pods of today carry; --all lists them
`);
  });

  test('tells what one new pod could reach and be reached by', async () => {
    const args = ['exposure', ...FILES, '-n', 'shop', '-l', 'app=backup,tier=job', '--port', '8080'];
    const { out } = await bulkhead(args, { cwd: folder() });
    expect(
      out,
    ).toBe(`A new pod of namespace shop, with app=backup, tier=job (kubernetes), listening on TCP 8080
could be reached by
  any address outside : TCP 8080
  every workload of every namespace (4) : TCP 8080
  no policy isolates it: the other end alone decides
could reach
  any address outside : all ports
  2 workloads: shop/job[Deployment], shop/web[Deployment] : all ports
  shop/db[Deployment] : TCP 5432
    by shop/db ingress[0] (policies.yaml:1), from pods app=backup of the policy's own namespace on TCP 5432
  no policy isolates it: the other end alone decides
`);
  });

  test('knows a namespace that is new with the labels it would have', async () => {
    const args = ['exposure', ...FILES, '-n', 'lab', '--namespace-label', 'team=lab', '--json'];
    const { code, out } = await bulkhead(args, { cwd: folder() });
    const { newNamespace } = JSON.parse(out) as { newNamespace: { name: string; labels: unknown } };
    expect(code).toBe(0);
    expect(newNamespace.labels).toEqual([
      ['kubernetes.io/metadata.name', 'lab'],
      ['team', 'lab'],
    ]);
  });

  test.each([
    [[...FILES, '-l', 'app=x'], 'say with -n in which namespace'],
    [[...FILES, '-n', 'shop', '-l', 'app'], '--labels app is no label'],
    [[...FILES, '-n', 'shop', '--port', '0'], '--port 0 is no port'],
    [[...FILES, '-n', 'shop', '--namespace-label', 'a=b'], 'namespace shop is there already'],
    [['policies.yaml'], 'nobody is known'],
  ])('refuses what it can not answer: %j', async (args, sentence) => {
    const { code, out, err } = await bulkhead(['exposure', ...args], { cwd: folder() });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
  });

  test('a label that tries to move the cursor is printed harmlessly', async () => {
    const cwd = folder();
    const policy = BLAST_PROPOSAL.replace('{app: backup}', '{"app": "back\\u001b[2Jup"}');
    writeFileSync(join(cwd, 'policies.yaml'), policy);
    const { out, err } = await bulkhead(['exposure', ...FILES], { cwd });
    const harmful = [...`${out}${err}`].filter((each) => each < ' ' && each !== '\n');
    expect(harmful).toEqual([]);
  });
});
