import { describe, expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import { modelOfSeen } from '#core/policy/cluster/model-of-flows.ts';
import { describePorts } from '#core/policy/connections/port-set.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import { type AssertionAnswer, checkSegments, type Path } from '#core/policy/segments/check-segments.ts';
import { describeSegmentFault } from '#core/policy/segments/segment-fault.ts';
import { flow, pod, run, START, SYN, world } from '../../support/flows.ts';
import { app, policyOf } from '../policy-literal/small-world.ts';
import { understood } from './file.ts';

const SOURCE = { file: 'a.yaml', document: 1, line: 1, item: '' };

const CART = pod('shop/cart-7d9c5b6f4-x2x4z', '10.0.0.1', 40_000);
const WEB = pod('shop/web-7d9c5b6f4-b4b5c', '10.0.0.2', 40_001);
const DB = pod('shop/db-0', '10.0.0.9', 5432, { labels: new Map([['app', 'db']]) });

const seen = (source: Flow['source'], destination: Flow['destination'], more: Partial<Flow> = {}): Flow =>
  flow(source, destination, { tcpFlags: SYN, ...more });

const to = (end: Flow['source'], port: number): Flow['source'] => ({ ...end, port });

/** Everybody has been seen: web calls cart, cart calls db. */
const QUIET = [seen(WEB, to(CART, 8080)), seen(CART, DB)];

const SEGMENTS = {
  cart: { pods: { app: 'cart' } },
  web: { workloads: ['shop/web'] },
  db: { workloads: ['shop/db'] },
  shop: { namespaces: ['shop'] },
  office: { cidrs: ['203.0.113.0/24'] },
};

const accepts = (server: string, clients: readonly string[], port: number): NetworkPolicy =>
  policyOf(
    {
      podSelector: app(server),
      policyTypes: ['Ingress'],
      ingress: clients.map((client) => ({ from: [{ podSelector: app(client) }], ports: [{ port }] })),
    },
    server,
  );

const DB_FROM_CART = accepts('db', ['cart'], 5432);

interface Scene {
  readonly flows?: readonly Flow[];
  readonly policies?: readonly NetworkPolicy[];
  readonly segments?: object;
}

function checked(assertion: object, { flows = QUIET, policies = [], segments = SEGMENTS }: Scene) {
  const { edges, world: seenWorld } = run(flows);
  const model = modelOfSeen(seenWorld, 'default');
  return checkSegments({
    file: understood(segments, [assertion]),
    model: { ...model, policies: policies.map((policy) => ({ policy, source: SOURCE })) },
    profile: CILIUM_PROFILE,
    cluster: 'default',
    edges,
  });
}

function answerTo(assertion: object, scene: Scene = {}): AssertionAnswer {
  const answers = checked(assertion, scene);
  const [answer] = answers.ok ? answers.value : [];
  if (answer === undefined) throw new Error(JSON.stringify(answers));
  return answer;
}

const line = (path: Path): string =>
  path.map(({ from, to: target, ports }) => `${from} => ${target} : ${describePorts(ports)}`).join(', ');

const linesOf = ({ policy }: AssertionAnswer): readonly string[] => policy.paths.map(line);

const ONLY = { only: 'cart', reaches: 'db', ports: ['TCP/5432'] };

describe('only', () => {
  test('holds where a rule lets in nobody else', () => {
    expect(answerTo(ONLY, { policies: [DB_FROM_CART] })).toMatchObject({
      verdict: 'holds',
      policy: { paths: [], pathCount: 0 },
      traffic: { offences: [], conversations: 0 },
    });
  });

  test('is violated by everybody where no policy isolates the target', () => {
    const answer = answerTo(ONLY);
    expect(answer.verdict).toBe('violated by policy');
    expect(linesOf(answer)).toEqual([
      'shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432',
      'world => shop/db[StatefulSet] : TCP 5432',
      ...['remote-node', 'kube-apiserver', 'ingress', 'unmanaged', 'init'].map(
        (entity) => `${entity} => shop/db[StatefulSet] : TCP 5432`,
      ),
    ]);
    expect(answer.policy.paths[0]?.[0]).toMatchObject({
      egress: { decisions: ['open'], allowedBy: [] },
      ingress: { decisions: ['open'], allowedBy: [], subject: 'pods' },
    });
  });

  test('names the rule that lets in somebody else, and counts no other port', () => {
    const policies = [accepts('db', ['cart', 'web'], 5432)];
    const answer = answerTo(ONLY, { policies });
    expect(linesOf(answer)).toEqual(['shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432']);
    expect(answer.policy.paths[0]?.[0]?.ingress).toMatchObject({
      decisions: ['allowed'],
      allowedBy: [{ policy: policies[0], rule: 1 }],
    });
    expect(answerTo({ ...ONLY, ports: ['TCP/80'] }, { policies }).verdict).toBe('holds');
  });

  test('says nothing of what goes on within the target', () => {
    const answer = answerTo(
      { only: 'office', reaches: 'shop' },
      { policies: [policyOf({ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] })] },
    );
    expect(answer.verdict).toBe('holds');
  });
});

describe('never', () => {
  test('speaks of a direct connection alone, unless it is through others', () => {
    const policies = [DB_FROM_CART, accepts('cart', ['web'], 8080)];
    const never = { never: 'web', reaches: 'db' };
    expect(answerTo(never, { policies }).verdict).toBe('holds');
    const through = answerTo({ ...never, through: true }, { policies });
    expect(through.verdict).toBe('violated by policy');
    expect(linesOf(through)).toEqual([
      'shop/web[Deployment] => shop/cart[Deployment] : TCP 8080, shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432',
    ]);
    expect(answerTo({ ...never, through: true, ports: ['TCP/3306'] }, { policies }).verdict).toBe('holds');
  });

  test('follows no connection that is excepted', () => {
    const policies = [DB_FROM_CART, accepts('cart', ['web'], 8080)];
    const never = { never: 'web', reaches: 'db', through: true };
    const except = (more: object) => [{ from: 'web', reaches: 'cart', why: 'the shop', ...more }];
    expect(answerTo({ ...never, except: except({}) }, { policies }).verdict).toBe('holds');
    expect(answerTo({ ...never, except: except({ ports: 'TCP/8080' }) }, { policies }).verdict).toBe('holds');
    expect(answerTo({ ...never, except: except({ ports: 'TCP/80' }) }, { policies }).verdict).toBe(
      'violated by policy',
    );
  });

  test('finds the internet behind a block, and what of it is allowed', () => {
    const egress = (cidr: string) =>
      policyOf(
        { podSelector: app('db'), policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr } }] }] },
        'db',
      );
    const never = { never: 'db', reaches: 'internet' };
    expect(answerTo(never, { policies: [egress('10.0.0.0/8')] }).verdict).toBe('holds');
    expect(linesOf(answerTo(never, { policies: [egress('198.51.100.0/24')] }))).toEqual([
      'shop/db[StatefulSet] => 198.51.100.0/24 : all ports',
    ]);
    expect(linesOf(answerTo(never))).toEqual(['shop/db[StatefulSet] => internet : all ports']);
  });
});

describe('may', () => {
  const MAY = { may: 'cart', reaches: 'db', ports: ['TCP/5432'] };

  test('holds where policies let it through, and is violated where they do not', () => {
    expect(answerTo(MAY, { policies: [DB_FROM_CART] }).verdict).toBe('holds');
    const policies = [accepts('db', ['cart'], 5433)];
    const answer = answerTo(MAY, { policies });
    expect(answer.verdict).toBe('violated by policy');
    expect(answer.policy.paths[0]?.[0]?.ingress).toMatchObject({
      decisions: ['denied'],
      isolatedBy: policies,
    });
  });

  test('is violated by traffic that policy denied', () => {
    const denied = seen(CART, DB, { at: START + 1, verdict: 'dropped', dropReason: 'POLICY_DENIED' });
    const answer = answerTo(MAY, { flows: [...QUIET.slice(0, 1), denied], policies: [DB_FROM_CART] });
    expect(answer).toMatchObject({ verdict: 'violated by traffic', traffic: { conversations: 1 } });
    expect(answer.traffic?.offences[0]).toMatchObject({ isAllowed: true });
  });
});

describe('what was seen', () => {
  const flows = [...QUIET, seen(WEB, DB, { at: START + 60_000 })];

  test('violates an assertion that the policies keep', () => {
    const answer = answerTo(ONLY, { flows, policies: [DB_FROM_CART] });
    expect(answer).toMatchObject({ verdict: 'violated by traffic', policy: { pathCount: 0 } });
    expect(answer.traffic?.offences).toEqual([
      {
        line: 'shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432',
        conversations: 1,
        firstSeenAt: START + 60_000,
        lastSeenAt: START + 60_000,
        fromExamples: ['shop/web-7d9c5b6f4-b4b5c'],
        toExamples: ['shop/db-0'],
        isAllowed: false,
      },
    ]);
  });

  test('violates it together with the policies', () => {
    const answer = answerTo(ONLY, { flows });
    expect(answer.verdict).toBe('violated by both');
    expect(answer.traffic?.offences[0]).toMatchObject({ isAllowed: true });
  });

  test('is no violation when it was denied, and is counted', () => {
    const stopped = [...QUIET, seen(WEB, DB, { verdict: 'dropped', dropReason: 'POLICY_DENIED' })];
    expect(answerTo(ONLY, { flows: stopped, policies: [DB_FROM_CART] })).toMatchObject({
      verdict: 'holds',
      traffic: { stopped: 1, conversations: 0 },
    });
  });

  test('from outside belongs to the segment of its address', () => {
    const called = [
      ...QUIET,
      seen(world('203.0.113.7', 50_000), to(WEB, 8443)),
      seen(world('198.51.100.1', 50_001), to(WEB, 8443)),
    ];
    const policies = [policyOf({ podSelector: {} })];
    const answer = answerTo({ never: 'office', reaches: 'web' }, { flows: called, policies });
    expect(answer.traffic).toMatchObject({ conversations: 1, offences: [{ fromExamples: ['203.0.113.7'] }] });
  });

  test('from an address nobody wrote down is not held against anybody', () => {
    const called = [...QUIET, seen({ ...world('203.0.113.7', 50_000), ip: undefined }, to(WEB, 8443))];
    const policies = [policyOf({ podSelector: {} })];
    const answer = answerTo({ never: 'office', reaches: 'web' }, { flows: called, policies });
    expect(answer).toMatchObject({ verdict: 'holds', traffic: { unsure: 1 } });
    expect(answerTo({ never: 'world', reaches: 'web' }, { flows: called, policies }).traffic).toMatchObject({
      unsure: 0,
      conversations: 1,
    });
  });
});

describe('an assertion about nobody', () => {
  const faults = (assertion: object, segments: object): readonly string[] => {
    const answers = checked(assertion, { segments });
    return answers.ok ? [] : answers.error.map(describeSegmentFault).map((text) => text.replace(/:.*/, ''));
  };

  test('is refused, with the name that nobody has', () => {
    const segments = {
      ...SEGMENTS,
      web: { workloads: ['shop/web', 'shop/webb'] },
      dev: { pods: { app: 'dev' } },
    };
    expect(faults({ never: 'web', reaches: 'db' }, segments)).toEqual([
      'segments.web.workloads[1] matches nobody who is known, so whatever is asserted about it would hold (shop/webb; there is shop/web[Deployment])',
      'segments.dev matches nobody who is known, so whatever is asserted about it would hold (dev)',
    ]);
  });

  test('holds where the segment says that it may be empty', () => {
    const dev = { namespaces: ['dev'], empty: 'allowed' };
    expect(answerTo({ never: 'dev', reaches: 'db' }, { segments: { ...SEGMENTS, dev } })).toMatchObject({
      verdict: 'holds',
      policy: { pairs: 0 },
    });
  });

  test('is refused when no two ends are left to connect', () => {
    expect(faults({ never: 'world', reaches: 'internet' }, SEGMENTS)).toEqual([
      'assertions[0] is about no connection between two ends, so it would always hold (a0)',
    ]);
  });
});
