import type { EdgeDetail, GraphEdge, GraphSnapshot, NodeDetail } from '#contract/graph.ts';
import { YAML } from './page-fixture-proposal.ts';
import { fixtureLine } from './page-fixture-shop.ts';

const podsOf = (id: string): string[] => {
  const parts = id.split('/');
  const isWorkload = id.startsWith('workload:');
  return isWorkload ? ['x7k2p', 'm4q9d'].map((tail) => `${parts[1]}/${parts[3]}-6d9c7b8f4-${tail}`) : [];
};

/** Everything the panel wants to know about an edge, made up from its counts. */
export function edgeDetail(edge: GraphEdge): EdgeDetail {
  return {
    ...edge,
    line: fixtureLine(edge),
    ...countsOf(edge),
    ...contentOf(edge),
    fromPods: podsOf(edge.from),
    toPods: podsOf(edge.to),
    truncated: [],
    sample: sampleOf(edge),
    ...standingOf(edge),
  };
}

function countsOf(
  edge: GraphEdge,
): Pick<EdgeDetail, 'conversationCounts' | 'outcomes' | 'proofs' | 'minutes'> {
  const { conversations: total, denied } = edge;
  const minutes = Array.from({ length: edge.state === 'new' ? 14 : 110 }, (_, i) => ({
    at: edge.firstSeenAt - (edge.firstSeenAt % 60_000) + i * 60_000,
    conversations: Math.round(edge.ratePerMinute * (1 + Math.sin(i / 6) * 0.5)),
    denied: denied > 0 ? Math.round(edge.ratePerMinute * 0.5) : 0,
  }));
  return {
    conversationCounts: {
      total,
      opened: total,
      answered: total - denied,
      refused: edge.refused,
      atSource: total,
      atDestination: Math.round(total * 0.97),
    },
    outcomes: { forwarded: total - denied, redirected: 0, audited: 0, denied, failed: 0 },
    proofs: [
      { text: 'handshake', count: Math.round(total * 0.94) },
      { text: 'reply-mark', count: Math.round(total * 0.06) },
    ],
    minutes,
  };
}

type Content = Pick<EdgeDetail, 'addresses' | 'names' | 'methods' | 'paths' | 'dnsNames' | 'services'>;

const SILENT: Content = { addresses: [], names: [], methods: [], paths: [], dnsNames: [], services: [] };

const isHttp = (edge: GraphEdge): boolean => edge.port === 8080 && edge.from.startsWith('workload:');

function contentOf(edge: GraphEdge): Content {
  const { conversations: total, firstSeenAt, lastSeenAt } = edge;
  if (edge.to.startsWith('fqdn:')) {
    return {
      ...SILENT,
      addresses: [{ ip: '203.0.113.10', firstSeenAt, lastSeenAt }],
      names: [edge.to.slice(5)],
    };
  }
  if (edge.port === 53)
    return { ...SILENT, dnsNames: [{ text: 'catalog.shop.svc.cluster.local', count: 88 }] };
  if (!isHttp(edge)) return SILENT;
  const share = (text: string, part: number): { text: string; count: number } => ({
    text,
    count: Math.round(total * part),
  });
  return {
    ...SILENT,
    methods: [share('GET', 0.8), share('POST', 0.2)],
    paths: [share('/products/{id}', 0.6), share('/products', 0.4)],
    services: ['shop/catalog'],
  };
}

function sampleOf(edge: GraphEdge): EdgeDetail['sample'] {
  const isDenied = edge.denied > 0;
  return {
    at: '2026-03-03T12:04:31.123456789Z',
    node: 'worker-2',
    kind: 'policy-verdict',
    verdict: isDenied ? 'DROPPED' : 'FORWARDED',
    dropReason: isDenied ? 'POLICY_DENIED' : null,
    protocol: edge.protocol,
    source: `${podsOf(edge.from)[0] ?? edge.from} 10.0.1.14:41230`,
    destination: `${podsOf(edge.to)[0] ?? edge.to} 10.0.2.7:${edge.port}`,
    reply: 'request',
    direction: 'ingress',
    flags: edge.protocol === 'TCP' ? 'SYN' : '',
    l7: isHttp(edge) ? 'GET /products/42' : null,
    uuid: '5c9f3a52-71de-4f4c-9d1d-2b1f6a2f3d10',
  };
}

function standingOf(edge: GraphEdge): Pick<EdgeDetail, 'allowedBy' | 'deniedBy' | 'baseline' | 'rules'> {
  const isNew = edge.state === 'new';
  return {
    allowedBy: edge.denied >= edge.conversations ? [] : ['shop/catalog-v1-paths (CiliumNetworkPolicy)'],
    deniedBy: edge.denied > 0 ? ['shop/payments-ingress (CiliumNetworkPolicy)'] : [],
    baseline: isNew ? null : { decision: 'accepted', reason: 'seen in 96 of 100 minutes', actor: 'bulkhead' },
    rules: isNew ? [] : ['shop/frontend egress[2]', 'shop/catalog-v1 ingress[0]'],
  };
}

/** Everything the panel wants to know about a vertex. */
export function nodeDetail(snapshot: GraphSnapshot, id: string): NodeDetail | undefined {
  const node = snapshot.nodes.find((candidate) => candidate.id === id);
  if (node === undefined) return undefined;
  return {
    ...node,
    description:
      node.kind === 'workload' ? `${node.namespace}/${node.label}[${node.workloadKind}]` : node.label,
    podNames: podsOf(id),
    labels: [
      { key: 'app', value: node.label },
      { key: 'app.kubernetes.io/name', value: node.label },
      { key: 'app.kubernetes.io/part-of', value: 'shop' },
    ],
    inbound: snapshot.edges.filter((edge) => edge.to === id),
    outbound: snapshot.edges.filter((edge) => edge.from === id),
    policyYaml: node.isolation === 'none' ? null : YAML,
  };
}
