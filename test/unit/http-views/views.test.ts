import { describe, expect, test } from 'vitest';
import { GraphSnapshot } from '#contract/graph.ts';
import type { EdgeDecision } from '#core/baseline/baseline.ts';
import type { FlowEndpoint, L7Summary } from '#core/flow/flow.ts';
import type { Edge } from '#core/graph/edge.ts';
import { createMomentReader, type Moment } from '../../../server/adapters/http/live/moment.ts';
import { certificateView } from '../../../server/adapters/http/views/certificate.ts';
import { edgeDetailView } from '../../../server/adapters/http/views/edge-detail.ts';
import { edgeState, edgeView, ratePerMinute } from '../../../server/adapters/http/views/edges.ts';
import { evidenceView } from '../../../server/adapters/http/views/evidence.ts';
import { nodeDetailView } from '../../../server/adapters/http/views/node-detail.ts';
import { proposalDetailView } from '../../../server/adapters/http/views/proposal.ts';
import { pictureView } from '../../../server/adapters/http/views/snapshot.ts';
import { sourceViews } from '../../../server/adapters/http/views/sources.ts';
import { trainingView } from '../../../server/adapters/http/views/training.ts';
import { trustView } from '../../../server/adapters/http/views/trust.ts';
import { FakeWorkspace, findingOn, sourceStatus } from '../../support/fake-workspace.ts';
import { endpoint, flow, pod, START, SYN, SYN_ACK, world } from '../../support/flows.ts';

const RENDERERS = {
  renderPolicy: (policy: { readonly metadata: { readonly name: string } }) =>
    `name: ${policy.metadata.name}\n`,
  renderReport: () => '# Report\n',
  pathOf: (_policy: unknown, cluster: string) => `${cluster}/policy.yaml`,
};

const WEB = pod('shop/web-7d9c5b6f4-x2x4z', '10.0.0.1', 40_000);
const CART = pod('shop/cart-5b6f47d9c-b2b4c', '10.0.0.2', 8080);

const talk = (client: FlowEndpoint, server: FlowEndpoint, at = 0, l7?: L7Summary) => [
  flow(client, server, { at: START + at, tcpFlags: SYN, isNew: true, direction: 'egress' }),
  flow(server, client, { at: START + at + 1, tcpFlags: SYN_ACK, reply: 'reply' }),
  ...(l7 === undefined ? [] : [flow(client, server, { at: START + at + 2, kind: 'l7', l7 })]),
];

function momentOf(workspace: FakeWorkspace): { readonly moment: Moment; readonly edge: Edge } {
  const moment = createMomentReader(workspace)();
  const [edge] = moment.graph.edges.values();
  if (edge === undefined) throw new Error('there is an edge');
  return { moment, edge };
}

describe('the state of an edge', () => {
  test.each([
    ['accepted', 'known'],
    ['held', 'held'],
    ['rejected', 'rejected'],
  ] as const)('an edge that is %s is %s', async (decision: EdgeDecision, state) => {
    const workspace = new FakeWorkspace(talk(WEB, CART));
    workspace.learn();
    const [key] = workspace.graph().edges.keys();
    if (key !== undefined) await workspace.decide(key, decision, { actor: 'local', reason: 'Why.' });
    const { moment, edge } = momentOf(workspace);
    expect(edgeState(edge, moment)).toBe(state);
  });

  test('without a baseline an edge is unjudged; seen after learning it is new', () => {
    const workspace = new FakeWorkspace(talk(WEB, CART));
    const before = momentOf(workspace);
    expect(edgeView(before.edge, before.moment)).toMatchObject({
      state: 'unjudged',
      admitted: 'no-proposal',
    });
    workspace.learn();
    workspace.see(talk({ ...CART, port: 41_000 }, pod('data/db-0', '10.0.0.3', 5432)));
    const { moment } = momentOf(workspace);
    const states = [...moment.graph.edges.values()].map((edge) => edgeView(edge, moment));
    expect(states.map(({ state, admitted }) => [state, admitted])).toEqual([
      ['new', 'blocked'],
      ['known', 'admitted'],
    ]);
    expect(trainingView(moment).unlearntEdges).toBe(1);
  });

  test('an edge of another cluster than the baseline is unjudged', () => {
    const workspace = new FakeWorkspace(talk(WEB, CART));
    workspace.learn();
    workspace.see(talk({ ...WEB, cluster: 'other' }, { ...CART, cluster: 'other', ip: '10.1.0.2' }));
    const { moment } = momentOf(workspace);
    const other = [...moment.graph.edges.values()].find(({ key }) => key.includes('other/'));
    expect(other === undefined ? undefined : edgeState(other, moment)).toBe('unjudged');
  });

  test('an open finding that it went silent shows on the edge, and no longer once resolved', async () => {
    const workspace = new FakeWorkspace(talk(WEB, CART));
    workspace.learn();
    const finding = findingOn(momentOf(workspace).edge, { kind: 'gone-silent' });
    workspace.find(finding);
    const silent = momentOf(workspace);
    expect(edgeView(silent.edge, silent.moment)).toMatchObject({ state: 'silent', findings: 1 });
    await workspace.setFindingState(finding.id, 'resolved');
    const { moment, edge } = momentOf(workspace);
    expect(edgeView(edge, moment)).toMatchObject({ state: 'known', findings: 0 });
  });

  test('the rate is taken over the five minutes of data that end now', () => {
    const { edge } = momentOf(
      new FakeWorkspace([...talk(WEB, CART), ...talk({ ...WEB, port: 40_001 }, CART, 60_000)]),
    );
    const at = (minutes: number) => ratePerMinute(edge, START + minutes * 60_000);
    expect([at(0), at(1), at(4), at(5), at(6)]).toEqual([0.2, 0.4, 0.4, 0.2, 0]);
  });
});

describe('evidence', () => {
  test('a flow is shown exactly, to the nanosecond', () => {
    const shown = evidenceView(
      flow(WEB, CART, {
        at: START,
        atNanos: 7,
        tcpFlags: SYN_ACK,
        uuid: 'u-1',
        verdict: 'dropped',
        dropReason: 'X',
      }),
    );
    expect(shown).toMatchObject({
      at: '2026-03-02T08:00:00.000000007Z',
      source: 'shop/web-7d9c5b6f4-x2x4z (10.0.0.1:40000)',
      destination: 'shop/cart-5b6f47d9c-b2b4c (10.0.0.2:8080)',
      flags: 'SYN ACK',
      verdict: 'dropped',
      dropReason: 'X',
      uuid: 'u-1',
      l7: null,
    });
  });

  test.each([
    [world('203.0.113.9', 443, { names: ['api.example.com'] }), 'api.example.com (203.0.113.9:443)'],
    [world('2001:db8::1', 443), 'world ([2001:db8::1]:443)'],
    [endpoint({ ip: '10.0.0.7' }), '10.0.0.7'],
    [endpoint({ namespace: 'shop' }), 'shop'],
    [endpoint({}), 'unknown'],
  ])('an end is named by the best that is known of it', (end, text) => {
    expect(evidenceView(flow(end, CART)).source).toBe(text);
  });

  test('a query string never leaves the server', () => {
    const http = { method: 'GET', path: '/reset?token=canary#canary', code: 200 };
    expect(evidenceView(flow(WEB, CART, { l7: { kind: 'request', http } })).l7).toBe('GET /reset → 200');
    const dns = { query: 'db.shop.', ips: [], rcode: 0 };
    expect(evidenceView(flow(WEB, CART, { l7: { kind: 'request', dns } })).l7).toBe('DNS db.shop.');
  });
});

describe('details', () => {
  test('an edge names its proofs, minutes, pods and the rules that rest on it', () => {
    const workspace = new FakeWorkspace(talk(WEB, CART));
    workspace.learn();
    const { moment, edge } = momentOf(workspace);
    expect(edgeDetailView(edge, moment)).toMatchObject({
      line: 'shop/web[Deployment] => shop/cart[Deployment] : TCP 8080',
      proofs: [{ text: 'handshake', count: 1 }],
      minutes: [{ at: START, conversations: 1, denied: 0 }],
      fromPods: ['shop/web-7d9c5b6f4-x2x4z'],
      toPods: ['shop/cart-5b6f47d9c-b2b4c'],
      baseline: { decision: 'accepted', actor: 'bulkhead' },
      rules: ['shop/cart ingress[0]'],
    });
  });

  test('a workload shows the labels that all its pods share, and its policy', () => {
    const more = {
      labels: new Map([
        ['app', 'cart'],
        ['pod', 'second'],
      ]),
    };
    const second = pod('shop/cart-5b6f47d9c-zzzzz', '10.0.0.4', 8080, more);
    const workspace = new FakeWorkspace([...talk(WEB, CART), ...talk(WEB, second)]);
    workspace.learn();
    const { moment, edge } = momentOf(workspace);
    expect(nodeDetailView(edge.to, moment, RENDERERS)).toMatchObject({
      description: 'shop/cart[Deployment]',
      pods: 2,
      labels: [{ key: 'app', value: 'cart' }],
      inbound: [{ key: edge.key }],
      outbound: [],
      policyYaml: 'name: cart\n',
      isolation: 'both',
    });
    expect(nodeDetailView(edge.from, moment, RENDERERS).policyYaml).toBeNull();
  });

  test('a proposal shows each policy with its path, and the default deny after them', () => {
    const workspace = new FakeWorkspace(talk(WEB, CART));
    workspace.learn();
    const record = workspace.proposal();
    const shown = record === undefined ? undefined : proposalDetailView(record, RENDERERS);
    expect(shown).toMatchObject({ policies: 1, warnings: 2, report: '# Report\n' });
    expect(shown?.policiesView).toMatchObject([
      {
        workload: 'workload:default/shop/Deployment/cart',
        path: 'default/policy.yaml',
        isDefaultDeny: false,
        rules: [{ edges: [{ line: 'shop/web[Deployment] => shop/cart[Deployment] : TCP 8080' }] }],
      },
      {
        workload: null,
        isDefaultDeny: true,
        isolatesWithoutEvidence: ['workload:default/shop/Deployment/cart'],
      },
    ]);
    expect(record === undefined ? undefined : certificateView(record.proposal.certificate)).toMatchObject({
      extras: [{ ports: 'TCP 53', declared: true }],
      blindSpots: [{ what: 'events lost', count: '2' }],
      notAdmitted: [],
    });
  });
});

describe('trust', () => {
  test('nothing doubtful, no doubts', () => {
    const workspace = new FakeWorkspace(talk(WEB, CART));
    workspace.sourceList = [];
    expect(trustView(momentOf(workspace).moment).doubts).toEqual([]);
  });

  test('everything that was lost, silent, unknown or unreadable is said, the gravest first', () => {
    const workspace = new FakeWorkspace([
      ...talk(WEB, CART),
      flow(endpoint({ ip: '10.9.9.9', port: 1 }), CART),
    ]);
    workspace.sourceList = [sourceStatus({ state: 'failed', problem: 'The disk is gone.' })];
    const coverage = workspace.coverage();
    workspace.coverage = () => ({
      ...coverage,
      lostEvents: 9_007_199_254_740_993n,
      silentNodes: ['node-9', 'node-2'],
      closedEarly: 1,
      timeless: 2,
      undecidedTransport: 1,
      transportConversations: 2,
    });
    const trust = trustView(momentOf(workspace).moment);
    expect(trust).toMatchObject({
      lostEvents: '9007199254740993',
      undecidedShare: 0.5,
      silentNodes: ['node-2', 'node-9'],
    });
    expect(trust.doubts.map((sentence) => sentence.split(' ').slice(0, 3).join(' '))).toEqual([
      '1 source could',
      '9007199254740993 events were',
      '2 nodes are',
      'Client and server',
      '1 conversation has',
      '1 record could',
      '1 conversation was',
      '2 flows came',
    ]);
  });

  test('a source shows what could not be read, with the field and the first place', () => {
    const status = sourceStatus();
    const bad = [
      { code: 'flow-malformed', at: 'time', count: 2, examples: [{ file: 'a', line: 1, what: 'x' }] },
    ];
    const workspace = new FakeWorkspace(talk(WEB, CART));
    workspace.sourceList = [{ ...status, summary: { ...status.summary, bad } }];
    expect(sourceViews(momentOf(workspace).moment)).toMatchObject([
      { bad: [{ code: 'flow-malformed at time', count: 2 }], lostEvents: '2', silentNodes: ['node-9'] },
    ]);
  });
});

describe('names that mean something to a program', () => {
  test.each(['constructor', 'tostring', 'hasownproperty', 'null', 'on', '0x1f'])(
    'a namespace and a workload called %s are shown like any other',
    (name) => {
      const workspace = new FakeWorkspace(
        talk(WEB, pod(`${name}/${name}-5b6f47d9c-b2b4c`, '10.0.0.8', 8080)),
      );
      workspace.learn();
      const { moment } = momentOf(workspace);
      const picture = GraphSnapshot.parse({ seq: 0, ...pictureView(moment) });
      expect(picture.nodes.map(({ label }) => label).sort()).toEqual([name, 'web'].sort());
    },
  );

  test('labels called __proto__ and toString are labels', () => {
    const labels = new Map([
      ['app', 'cart'],
      ['__proto__', 'x'],
      ['toString', 'y'],
    ]);
    const { moment, edge } = momentOf(new FakeWorkspace(talk(WEB, { ...CART, labels })));
    expect(nodeDetailView(edge.to, moment, RENDERERS).labels).toEqual([
      { key: '__proto__', value: 'x' },
      { key: 'app', value: 'cart' },
      { key: 'toString', value: 'y' },
    ]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
