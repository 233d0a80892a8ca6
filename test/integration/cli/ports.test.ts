import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolderForSuite } from '../../support/temp-folder.ts';

const cwd = tempFolderForSuite();

const deployment = (name: string, namespace: string, ports: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: ${name}}}
  template:
    metadata: {labels: {app.kubernetes.io/name: ${name}}}
    spec: {containers: [{name: app, ports: [${ports}]}]}
`;

const MANIFESTS = [
  deployment('cart', 'shop', '{name: http, containerPort: 8080}, {name: debug, containerPort: 6060}'),
  deployment('frontend', 'shop', '{name: http, containerPort: 8080}'),
  `apiVersion: v1
kind: Service
metadata: {name: frontend, namespace: shop}
spec:
  type: LoadBalancer
  selector: {app.kubernetes.io/name: frontend}
  ports: [{port: 80, targetPort: http, nodePort: 30080}]
`,
  `apiVersion: v1
kind: Service
metadata: {name: "old\\u001b[31m", namespace: shop}
`,
  `apiVersion: v1
kind: Service
metadata: {name: old, namespace: shop}
spec: {selector: {app: old}, ports: [{port: 80, name: web}]}
`,
].join('---\n');

describe('bulkhead ports', () => {
  beforeAll(async () => {
    writeFileSync(join(cwd, 'shop.yaml'), MANIFESTS);
    await bulkhead(['demo', '-o', 'demo.log', '--minutes', '6'], { cwd });
  });

  test('tells who reaches each port, and that nobody used it, most exposed first', async () => {
    const { code, out } = await bulkhead(['ports', 'shop.yaml', 'demo.log', '-n', 'shop'], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/^INTERNET {2}shop\/frontend\[Deployment\] TCP 8080 \(http\)$/m);
    expect(out).toContain('LoadBalancer shop/frontend 80: from any address');
    expect(out).toContain("externalTrafficPolicy Cluster: a client may arrive with a node's address");
    expect(out).toMatch(/used: \d+ conversations, last 2026-03-02T\S+, by shop\/frontend\[Deployment\]/);
    expect(out).toContain('NOWHERE   Service shop/old 80 (web) (shop.yaml:');
    expect(out).toMatch(/shop\/cart\[Deployment\] TCP 9090, answered although nothing declares it/);
    expect(out.indexOf('INTERNET')).toBe(0);
    expect(out).not.toContain('\u001b');
  });

  test('--unused keeps what nobody was seen to use', async () => {
    const { out } = await bulkhead(['ports', 'shop.yaml', 'demo.log', '--unused', '--json'], { cwd });
    const { ports } = JSON.parse(out) as { ports: { workload: string; port: number; usage: string }[] };
    expect(ports.map(({ workload, port, usage }) => `${workload} ${port} ${usage}`)).toEqual([
      'shop/cart[Deployment] 6060 unused',
    ]);
  });

  test('--exposed internet keeps what leads in from outside', async () => {
    const { out } = await bulkhead(['ports', 'shop.yaml', '--exposed', 'internet', '--json'], { cwd });
    const { ports, flowsGiven } = JSON.parse(out) as { ports: { workload: string }[]; flowsGiven: boolean };
    expect(ports.map(({ workload }) => workload)).toEqual(['shop/frontend[Deployment]']);
    expect(flowsGiven).toBe(false);
  });

  test.each([
    [['ports', 'shop.yaml', '--unused'], '--unused needs flows'],
    [['ports', 'shop.yaml', '--exposed', 'mars'], '--exposed is internet or cluster, not mars.'],
    [['ports', 'gone.yaml'], 'gone.yaml could not be read'],
  ])('%j is a mistake of the user: exit code 2', async (args, sentence) => {
    const run = await bulkhead(args, { cwd });
    expect(run.code).toBe(2);
    expect(run.err).toContain(sentence);
  });

  test('--strict fails when a manifest could not be read as it should', async () => {
    expect((await bulkhead(['ports', 'shop.yaml', '--strict'], { cwd })).code).toBe(2);
    expect((await bulkhead(['ports', 'shop.yaml'], { cwd })).code).toBe(0);
  });
});
