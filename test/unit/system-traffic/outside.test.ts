import { expect, test } from 'vitest';
import { externalEvidenceOf } from '#core/policy/system/external-evidence.ts';
import { publicCells, publicPeers } from '#core/policy/system/public-blocks.ts';
import { cidr, edge, fqdn, WINDOW, workload } from '../../support/baseline-fixture.ts';

const [web, api] = [workload('shop/web'), workload('shop/api')];
const LATE = WINDOW.until - 1;

test('a name outside is told of as a whole: its addresses, how many came late, all its ports', () => {
  const [row, ...others] = externalEvidenceOf(
    [
      edge(web, fqdn('pay.example.com'), { port: 443, addresses: ['192.0.2.1', ['192.0.2.2', LATE]] }),
      edge(web, fqdn('pay.example.com'), { port: 8443, addresses: ['192.0.2.1'] }),
    ],
    WINDOW,
  );
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    workload: web.id,
    direction: 'egress',
    name: 'pay.example.com',
    ports: ['TCP 443', 'TCP 8443'],
    addresses: 2,
    late: 1,
    conversations: 40,
  });
});

test('addresses without a name are told of by port, and pods not at all', () => {
  const rows = externalEvidenceOf(
    [
      edge(cidr('198.51.100.1/32'), web, { port: 443, addresses: ['198.51.100.1'] }),
      edge(cidr('198.51.100.2/32'), web, { port: 443, addresses: ['198.51.100.2'] }),
      edge(web, cidr('192.0.2.53/32'), { port: 5432, addresses: ['192.0.2.53'] }),
      edge(web, api),
    ],
    WINDOW,
  );
  expect(rows.map(({ direction, name, ports, addresses }) => [direction, name, ports, addresses])).toEqual([
    ['egress', undefined, ['TCP 5432'], 1],
    ['ingress', undefined, ['TCP 443'], 2],
  ]);
});

test('an opened listener admits the public of the families that came, and never a private range', () => {
  const visit = edge(cidr('198.51.100.1/32'), web, { port: 443, addresses: ['198.51.100.1'] });
  const [block, ...others] = publicPeers(visit);
  expect(others).toEqual([]);
  expect(block?.ipBlock?.cidr).toBe('0.0.0.0/0');
  expect(block?.ipBlock?.except).toEqual(
    expect.arrayContaining(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16']),
  );
  const v6 = edge(cidr('2001:db8::1/128'), web, { port: 443, addresses: ['2001:db8::1'] });
  expect(publicPeers(v6).map((peer) => peer.ipBlock?.cidr)).toEqual(['::/0']);
  const inside = edge(cidr('10.1.2.3/32'), web, { port: 443, addresses: ['10.1.2.3'] });
  expect(publicPeers(inside)).toEqual([]);
});

test('what an opened listener admits unseen is declared: anybody, and visitors of the other ports', () => {
  const https = edge(cidr('198.51.100.1/32'), web, { port: 443, addresses: ['198.51.100.1'] });
  const http = edge(cidr('198.51.100.2/32'), web, { port: 80, addresses: ['198.51.100.2'] });
  const inside = edge(cidr('10.1.2.3/32'), web, { port: 80, addresses: ['10.1.2.3'] });
  const elsewhere = edge(cidr('198.51.100.3/32'), api, { port: 80, addresses: ['198.51.100.3'] });
  const cells = publicCells([https], [https, http, inside, elsewhere]);
  expect(cells.map(({ from, port }) => `${from} ${port}`).sort()).toEqual([
    'cidr:0.0.0.0/0 443',
    'cidr:198.51.100.1/32 443',
    'cidr:198.51.100.2/32 443',
  ]);
});
