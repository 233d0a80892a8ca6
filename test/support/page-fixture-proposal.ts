import type { BaselineDetail, BaselineSummary, Training } from '#contract/learning.ts';
import type { ProposalDetail, ProposalSummary } from '#contract/proposal.ts';
import { FIXTURE_FROM, TRAINED_UNTIL } from './page-fixture-shop.ts';

/** A policy as the proposal would write it. */
export const YAML = `# Bulkhead proposal. Evidence is in certificate.json.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: frontend-deployment
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: frontend
      app.kubernetes.io/part-of: "shop"
  policyTypes:
    - Ingress
    - Egress
  ingress:
    # from the ingress controller
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ingress
          podSelector:
            matchLabels:
              app.kubernetes.io/name: ingress-nginx
      ports:
        - protocol: TCP
          port: 8080
  egress:
    # DNS
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
`;

const WINDOW = { from: FIXTURE_FROM, until: TRAINED_UNTIL };

export const baselineSummary: BaselineSummary = {
  id: 'baseline-3f9c',
  version: 2,
  recordedAt: TRAINED_UNTIL,
  actor: 'local',
  cluster: 'demo',
  namespaces: [],
  window: WINDOW,
  accepted: 43,
  held: 2,
  rejected: 0,
  readiness: {
    score: 0.78,
    unseenMass: 0.021,
    edges: 45,
    oneShotEdges: 2,
    incidences: 3120,
    windowMs: 100 * 60_000,
    hoursCovered: 2,
    hoursInSpan: 2,
    lostShare: 0.003,
    reasons: [
      'The window is 1 h 40 min: daily and weekly jobs can not have been seen.',
      '2 edges were seen only once.',
    ],
  },
};

export const baselineDetail: BaselineDetail = {
  ...baselineSummary,
  edges: [
    {
      key: 'k1',
      line: 'monitoring/prometheus[StatefulSet] => data/cache[StatefulSet] : 9121/TCP',
      decision: 'held',
      reason: 'only ever denied by policy',
      actor: 'bulkhead',
      conversations: 120,
    },
    {
      key: 'k2',
      line: 'shop/payments[Deployment] => fraud-check.example : 443/TCP',
      decision: 'held',
      reason: 'seen once',
      actor: 'bulkhead',
      conversations: 1,
    },
  ],
};

export const training: Training = {
  window: WINDOW,
  cluster: 'demo',
  namespaces: [],
  baseline: baselineSummary,
  soFar: null,
  unlearntEdges: 5,
};

export const proposalSummary: ProposalSummary = {
  id: 'proposal-9b41c7',
  baselineId: baselineSummary.id,
  state: 'draft',
  recordedAt: TRAINED_UNTIL,
  actor: 'local',
  coverage: 0.9871,
  tightness: 0.914,
  extras: 6,
  policies: 13,
  rules: 41,
  notAdmitted: 3,
  warnings: 2,
};

const NAMES: readonly (readonly [string, string])[] = [
  ['shop', 'frontend'],
  ['shop', 'cart'],
  ['shop', 'catalog-v1'],
  ['shop', 'catalog-v2'],
  ['shop', 'checkout'],
  ['shop', 'payments'],
  ['shop', 'recommendations'],
  ['data', 'orders-db'],
  ['data', 'cache'],
  ['data', 'nightly-report'],
  ['ingress', 'ingress-nginx-controller'],
  ['monitoring', 'prometheus'],
  ['kube-system', 'coredns'],
];

const WARNING = {
  code: 'version_label_used',
  workload: 'shop/catalog-v1[Deployment]',
  message:
    'The label version tells catalog-v1 and catalog-v2 apart; the next version will need a policy of its own.',
};
const GROWING = {
  code: 'external_addresses_growing',
  workload: 'shop/payments[Deployment]',
  message: 'New addresses of api.payments.example were still appearing when the window ended.',
};

export const proposalDetail: ProposalDetail = {
  ...proposalSummary,
  policiesView: [
    ...NAMES.map(([namespace, name]): ProposalDetail['policiesView'][number] => ({
      workload: `workload:demo/${namespace}/Deployment/${name}`,
      title: `${namespace}/${name}`,
      namespace,
      name,
      path: `demo/${namespace}/${name}-deployment.yaml`,
      yaml: YAML.replace('frontend-deployment', `${name}-deployment`).replace(
        'app: frontend',
        `app: ${name}`,
      ),
      ingressRules: 2,
      egressRules: 3,
      rules: [
        {
          direction: 'ingress',
          index: 0,
          comment: 'from the ingress controller',
          confidence: 'A',
          edges: [
            {
              key: 'e1',
              line: 'ingress/ingress-nginx-controller[Deployment] => shop/frontend[Deployment] : 8080/TCP',
            },
          ],
        },
        {
          direction: 'egress',
          index: 0,
          comment: 'DNS',
          confidence: 'A',
          edges: [
            { key: 'e2', line: 'shop/frontend[Deployment] => kube-system/coredns[Deployment] : 53/UDP' },
          ],
        },
        {
          direction: 'egress',
          index: 1,
          comment: 'to fraud-check.example',
          confidence: 'C',
          edges: [{ key: 'e3', line: 'shop/payments[Deployment] => fraud-check.example : 443/TCP' }],
        },
      ],
      warnings: name === 'catalog-v1' ? [WARNING] : name === 'payments' ? [GROWING] : [],
      isDefaultDeny: false,
      isolatesWithoutEvidence: [],
    })),
    ...['data', 'shop'].map((namespace): ProposalDetail['policiesView'][number] => ({
      workload: null,
      title: `Default deny of ${namespace}`,
      namespace,
      name: 'default-deny',
      path: `demo/default-deny/${namespace}/default-deny.yaml`,
      yaml: `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: default-deny\n  namespace: ${namespace}\nspec:\n  podSelector: {}\n  policyTypes:\n    - Ingress\n    - Egress\n`,
      ingressRules: 0,
      egressRules: 0,
      rules: [],
      warnings: [],
      isDefaultDeny: true,
      isolatesWithoutEvidence: namespace === 'shop' ? ['shop/load-test[Job]'] : [],
    })),
  ],
  warningsView: [WARNING, GROWING],
  certificate: {
    profile: 'cilium',
    contentHash: 'sha256:3f9c1d7ab02e5c44f1a1c0de9b41c7d5e6f708192a3b4c5d6e7f8091a2b3c4d5',
    toolVersion: '0.1.0',
    window: WINDOW,
    universe: '13 workloads × 20 peers × TCP, UDP × 22 port intervals, and 3 external CIDR atoms',
    cellsJudged: 118_420,
    totals: {
      trainingEdges: 45,
      admittedEdges: 42,
      trainingConversations: 18_914,
      admittedConversations: 18_670,
      coverage: 0.9871,
      tightness: 0.914,
      extras: 6,
      policies: 13,
      rules: 41,
      pairsBefore: 260,
      pairsAfter: 44,
    },
    notAdmitted: [
      {
        line: 'ingress/ingress-nginx-controller[Deployment] => kube-apiserver : 6443/TCP',
        conversations: 48,
        reason: 'Under Cilium an ipBlock does not match the API server.',
        note: 'The Cilium entity kube-apiserver would admit it.',
      },
      {
        line: 'monitoring/prometheus[StatefulSet] => remote-node : 10250/TCP',
        conversations: 24,
        reason: 'Under Cilium an ipBlock does not match nodes.',
        note: 'The Cilium entity remote-node would admit it.',
      },
      {
        line: 'monitoring/prometheus[StatefulSet] => data/cache[StatefulSet] : 9121/TCP',
        conversations: 120,
        reason: 'The edge is held: it was only ever denied.',
        note: null,
      },
    ],
    extras: [
      {
        from: 'shop/frontend[Deployment]',
        to: 'kube-system/coredns[Deployment]',
        ports: '53/TCP',
        admittedBy: ['shop/frontend egress[0]'],
        declared: true,
        why: 'DNS falls back to TCP; only UDP was seen.',
      },
      {
        from: 'shop/payments[Deployment]',
        to: '203.0.113.8/29',
        ports: '443/TCP',
        admittedBy: ['shop/payments egress[1]'],
        declared: false,
        why: 'The seen addresses share this prefix.',
      },
    ],
    blindSpots: [
      { what: 'Events lost by the source', count: '230' },
      { what: 'Undecided conversations', count: '41' },
    ],
  },
  report:
    '# Proposal\n\nCoverage 98.7 %, tightness 91.4 %.\n\n## Not admitted\n\n- ingress/ingress-nginx-controller => kube-apiserver : 6443/TCP (48)\n',
};
