import { describe, expect, test } from 'vitest';
import { policyId } from '#core/policy/certify/content-hash.ts';
import { describePorts } from '#core/policy/connections/port-set.ts';
import { changed, cluster, DENY_ALL, dbPolicy, deployment, lineOf, policy } from './small-worlds.ts';

const CART = deployment('cart');
const DB = deployment('db');
const WEB = deployment('web');

const linesOf = (diff: ReturnType<typeof changed>): readonly string[] => diff.changes.map(lineOf);

describe('what a change means', () => {
  test('a port more is widened, a port less is tightened, and another port is both', () => {
    const [one, other] = [cluster(CART, DB, dbPolicy(1)), cluster(CART, DB, dbPolicy(2))];
    const both = cluster(CART, DB, dbPolicy(1), dbPolicy(2).replace('name: db', 'name: db-too'));
    const ends = 'shop/cart[Deployment] => shop/db[Deployment]';
    expect(linesOf(changed(one, both))).toEqual([`widened: ${ends} : TCP 1 -> TCP 1-2`]);
    expect(linesOf(changed(both, one))).toEqual([`tightened: ${ends} : TCP 1-2 -> TCP 1`]);
    expect(linesOf(changed(one, other))).toEqual([`widened+tightened: ${ends} : TCP 1 -> TCP 2`]);
  });

  test('a rule that the other end does not allow changes nothing, and the policy is told all the same', () => {
    const diff = changed(cluster(CART, DB, DENY_ALL), cluster(CART, DB, DENY_ALL, dbPolicy(1)));
    expect(diff.changes).toEqual([]);
    expect(diff.policies.map(({ id, kind }) => [id, kind])).toEqual([['shop/db', 'added']]);
  });

  test('what comes with a workload is neutral where the old policies would have allowed it too', () => {
    const diff = changed(cluster(CART, DB, dbPolicy(1)), cluster(CART, DB, WEB, dbPolicy(1)));
    expect(diff.workloads.added.map(({ name }) => name)).toEqual(['web']);
    expect(linesOf(diff).every((line) => line.startsWith('neutral: '))).toBe(true);
    expect(linesOf(diff)).toContain(
      'neutral: shop/web[Deployment] => shop/cart[Deployment] : none -> all ports',
    );
    expect(linesOf(diff).filter((line) => line.includes('=> shop/db'))).toEqual([]);
  });

  test('what comes with a workload is widened where only the new policies allow it', () => {
    const old = cluster(CART, DB, dbPolicy(1));
    const diff = changed(
      old,
      cluster(
        CART,
        DB,
        WEB,
        dbPolicy(1),
        policy(
          'more',
          '{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 1}]}]}',
        ),
      ),
    );
    expect(linesOf(diff)[0]).toBe('widened: shop/web[Deployment] => shop/db[Deployment] : none -> TCP 1');
  });

  test('what goes with a workload is neutral where the new policies would still allow it', () => {
    const diff = changed(cluster(CART, DB, WEB, dbPolicy(1)), cluster(DB, WEB, dbPolicy(1)));
    expect(diff.workloads.gone.map(({ name }) => name)).toEqual(['cart']);
    expect(linesOf(diff)).toContain('neutral: shop/cart[Deployment] => shop/db[Deployment] : TCP 1 -> none');
  });

  test('other labels on a workload are a change although no policy differs', () => {
    const rule = policy(
      'db',
      '{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {tier: front}}}], ports: [{port: 1}]}]}',
    );
    const diff = changed(cluster(CART, DB, rule), cluster(deployment('cart', ', tier: front'), DB, rule));
    expect(linesOf(diff)).toEqual(['widened: shop/cart[Deployment] => shop/db[Deployment] : none -> TCP 1']);
    expect(diff.policies).toEqual([]);
  });

  test('a side without workloads has those of the other', () => {
    const diff = changed(cluster(CART, DB, dbPolicy(1)), cluster(dbPolicy(2)));
    expect(diff.workloads).toEqual({ added: [], gone: [] });
    expect(linesOf(diff)).toEqual([
      'widened+tightened: shop/cart[Deployment] => shop/db[Deployment] : TCP 1 -> TCP 2',
    ]);
  });

  test('workloads that both sides have may stand apart, and policies beside them do not count', () => {
    const common = cluster(CART, DB, policy('stray', '{podSelector: {}, policyTypes: [Ingress, Egress]}'));
    expect(linesOf(changed(cluster(dbPolicy(1)), cluster(dbPolicy(2)), { common }))).toEqual([
      'widened+tightened: shop/cart[Deployment] => shop/db[Deployment] : TCP 1 -> TCP 2',
    ]);
  });

  test('ranges outside are cut where either side cuts them', () => {
    const from = (cidr: string): string =>
      policy(
        'db',
        `{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: ${cidr}}}]}]}`,
      );
    expect(linesOf(changed(cluster(DB, from('10.0.0.0/8')), cluster(DB, from('10.128.0.0/9'))))).toEqual([
      'tightened: 10.0.0.0/9[external] => shop/db[Deployment] : all ports -> none',
    ]);
  });

  test('a rule that comes to hold for every pod instead of for some is widened', () => {
    const two = `
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Pod, metadata: {name: db-1, namespace: shop, labels: {app: db, role: main}, ownerReferences: [{kind: StatefulSet, name: db, apiVersion: apps/v1, uid: u, controller: true}]}, spec: {containers: [{name: c, image: i}]}}
  - {apiVersion: v1, kind: Pod, metadata: {name: db-2, namespace: shop, labels: {app: db, role: copy}, ownerReferences: [{kind: StatefulSet, name: db, apiVersion: apps/v1, uid: u, controller: true}]}, spec: {containers: [{name: c, image: i}]}}
`;
    const deny = policy('deny', '{podSelector: {matchLabels: {app: db}}}');
    const open = (label: string): string =>
      policy(
        'open',
        `{podSelector: {matchLabels: {${label}}}, ingress: [{from: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: 1}]}]}`,
      );
    const diff = changed(
      cluster(CART, two, deny, open('role: main')),
      cluster(CART, two, deny, open('app: db')),
    );
    expect(linesOf(diff)).toEqual([
      'widened: shop/cart[Deployment] => shop/db[StatefulSet] : TCP 1 -> TCP 1',
    ]);
    expect(diff.changes.map(({ opened }) => describePorts(opened))).toEqual(['TCP 1']);
  });
});

describe('the policies responsible', () => {
  test('for what is gone: the rule that allowed it, and the policy that isolates the end now', () => {
    const [change] = changed(cluster(CART, DB, dbPolicy(1)), cluster(CART, DB, dbPolicy(1, 'web'))).changes;
    const [reason] = change?.reasons ?? [];
    expect(change?.reasons.length).toBe(1);
    expect(reason?.effect).toBe('closed');
    expect(reason?.directions.map(({ direction }) => direction)).toEqual(['ingress']);
    const [only] = reason?.directions ?? [];
    expect(only?.before?.allowedBy.map(({ policy: by, rule }) => [policyId(by), rule])).toEqual([
      ['shop/db', 0],
    ]);
    expect(only?.after?.decision).toBe('denied');
    expect(only?.after?.isolatedBy.map(policyId)).toEqual(['shop/db']);
  });

  test('for what is new because the isolation went away: the policy that isolated it', () => {
    const diff = changed(
      cluster(CART, DB, dbPolicy(1)),
      cluster(CART, DB, policy('other', '{podSelector: {matchLabels: {app: nobody}}}')),
    );
    const change = diff.changes.find(({ from }) => from.kind === 'workload' && from.workload.name === 'cart');
    const [only] = change?.reasons[0]?.directions ?? [];
    expect(only?.before?.isolatedBy.map(policyId)).toEqual(['shop/db']);
    expect(only?.after?.decision).toBe('open');
  });

  test('each part of the ports has its own', () => {
    const ports = (...specs: readonly string[]): string =>
      policy(
        'db',
        `{podSelector: {matchLabels: {app: db}}, ingress: [${specs.map((spec) => `{ports: [${spec}]}`).join(', ')}]}`,
      );
    const diff = changed(
      cluster(CART, DB, ports('{port: 9}')),
      cluster(CART, DB, ports('{port: 9}', '{port: 10, endPort: 15}', '{port: 16, endPort: 20}')),
    );
    const change = diff.changes.find(({ from }) => from.kind === 'workload' && from.workload.name === 'cart');
    expect(
      change?.reasons.map(({ ports: own, directions }) => [
        describePorts(own),
        directions[0]?.after?.allowedBy.map(({ rule }) => rule),
      ]),
    ).toEqual([
      ['TCP 10-15', [1]],
      ['TCP 16-20', [2]],
    ]);
  });
});
