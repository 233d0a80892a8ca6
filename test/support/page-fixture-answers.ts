import type { GraphEdge, GraphNode, GraphSnapshot } from '#contract/graph.ts';
import type { Asked, Blast, Explained, PolicyQuestions } from '../../web/model/ports.ts';

/** Made-up answers to questions about policies, from the made-up graph: what was admitted is allowed. */

/** A policy that somebody named to be markup. */
export const HOSTILE_POLICY = 'shop/<img src=x onerror=alert(1)>';

type ExplainBody = PolicyQuestions['explain']['body'];
type BlastBody = PolicyQuestions['blast']['body'];
type Side = Explained['cases'][number]['egress'];

const textOf = (node: GraphNode): string =>
  node.namespace === undefined ? node.label : `${node.namespace}/${node.label}[${node.workloadKind}]`;

const nodeCalled = (graph: GraphSnapshot, text: string): GraphNode | undefined =>
  graph.nodes.find((node) => textOf(node) === text || textOf(node).replace(/\[.*/, '') === text);

function sideOf(direction: 'egress' | 'ingress', own: string, allowed: boolean): Side {
  const namespace = own.includes('/') ? own.split('/')[0] : undefined;
  if (namespace === undefined) return { decision: 'ungoverned', isolatedBy: [], allowedBy: [], doubts: [] };
  const name = own.replace(/\[.*/, '').split('/')[1];
  const policy = `${namespace}/${name}-ab12cd34`;
  const rule = {
    policy: allowed ? policy : HOSTILE_POLICY,
    source: `demo/${namespace}/${name}.yaml:1`,
    direction,
    rule: 1,
  };
  const text = `${rule.policy} ${direction}[1], pods app=${name} of the policy's own namespace on TCP 8080`;
  return {
    decision: allowed ? 'allowed' : 'denied',
    isolatedBy: [
      {
        policy: `${namespace}/default-deny`,
        source: 'demo/deny.yaml:1',
        subject: `every pod of ${namespace}`,
      },
      { policy, source: rule.source, subject: `pods app=${name} of ${namespace}` },
    ],
    allowedBy: allowed ? [{ ...rule, text, peer: 0, port: 0 }] : [],
    ...(allowed
      ? {}
      : {
          nearest: {
            ...rule,
            text,
            misses: [{ what: 'label', wanted: 'app=checkout', found: `app=${name}`, key: 'app' }],
          },
        }),
    doubts: [],
  };
}

const patchOf = ({ from, port }: ExplainBody): Explained['patch'] => ({
  kind: 'patch',
  parts: [
    {
      direction: 'ingress',
      addTo: 'data/orders-db-ab12cd34',
      source: 'demo/data/orders-db.yaml:1',
      rule: {
        from: [{ podSelector: { matchLabels: { app: from.replace(/\[.*/, '').split('/')[1] ?? '' } } }],
        ports: [{ protocol: 'TCP', port }],
      },
    },
  ],
  alsoAllows: [],
  pairsChecked: 12,
});

/** Under the proposal what it blocks is denied; the current policies allow everything. */
export function explainAnswer(graph: GraphSnapshot, body: ExplainBody): Asked<Explained> {
  const [from, to] = [nodeCalled(graph, body.from), nodeCalled(graph, body.to)];
  const edge = graph.edges.find(
    (each) => each.from === from?.id && each.to === to?.id && each.port === body.port,
  );
  const isAllowed = body.policies.from === 'current' || edge?.admitted !== 'blocked';
  return {
    lists: [{ name: 'cases', shown: 1, total: 1 }],
    answer: {
      profile: 'cilium',
      from: body.from,
      to: body.to,
      protocol: body.protocol ?? 'TCP',
      port: body.port,
      answer: isAllowed ? 'allowed' : 'denied',
      cases: [
        {
          from: body.from.replace('[', '-x7k2p['),
          to: body.to,
          allowed: isAllowed,
          reason: 'policy',
          egress: sideOf('egress', body.from, isAllowed),
          ingress: sideOf('ingress', body.to, isAllowed),
        },
      ],
      ...(isAllowed ? {} : { patch: patchOf(body) }),
      problems: [],
    },
  };
}

/** The edges on which each workload is first reached, hop by hop; the last hop reaches nobody new. */
function walk(graph: GraphSnapshot, start: string, passes: (edge: GraphEdge) => boolean): GraphEdge[][] {
  const isWorkload = (id: string): boolean => id.startsWith('workload:');
  const seen = new Set([start]);
  const hops: GraphEdge[][] = [];
  let front = [start];
  while (front.length > 0) {
    const steps: GraphEdge[] = [];
    for (const edge of graph.edges) {
      if (!front.includes(edge.from) || !isWorkload(edge.to) || seen.has(edge.to) || !passes(edge)) continue;
      seen.add(edge.to);
      steps.push(edge);
    }
    hops.push(steps);
    front = steps.map(({ to }) => to);
  }
  return hops;
}

type Stage = Extract<Blast['readings'][number]['stages'][number], { readonly byHop: unknown }>;

interface Walked {
  readonly name: Stage['stage'];
  readonly hops: readonly (readonly GraphEdge[])[];
  readonly jewels: readonly string[];
  readonly textById: (id: string) => string;
}

function stageOf({ name, hops, jewels, textById }: Walked): Stage {
  const figures = (until: number): { workloads: number; pairs: number } => {
    const workloads = hops.slice(0, until).flat().length;
    return { workloads, pairs: workloads };
  };
  const pathTo = (id: string): readonly GraphEdge[] => {
    const last = hops.flat().find(({ to }) => to === id);
    return last === undefined ? [] : [...pathTo(last.from), last];
  };
  return {
    stage: name,
    byHop: hops.map((_, index) => figures(index + 1)),
    closure: figures(hops.length),
    hops: hops.filter((steps) => steps.length > 0).length,
    reached: hops.flatMap((steps, index) =>
      steps.map(({ to, protocol, port }) => ({
        workload: textById(to),
        hops: index + 1,
        ports: [{ protocol, from: Number(port), to: Number(port) }],
        text: `${protocol} ${port}`,
      })),
    ),
    outside: { direct: [], closure: [] },
    nodesAndApiServer: { direct: name !== 'proposal', closure: name !== 'proposal' },
    crownJewels: jewels.map((jewel) => {
      const path = pathTo(jewel);
      return {
        jewel: textById(jewel),
        reached: path.length > 0,
        path: path.map((edge) => ({
          from: textById(edge.from),
          to: textById(edge.to),
          fromPod: textById(edge.from),
          toPod: textById(edge.to),
          protocol: edge.protocol,
          port: Number(edge.port),
          confirmed: true,
          reason: 'policy',
          egressIsolated: true,
          ingressIsolated: true,
          allowedBy: [{ policy: HOSTILE_POLICY, direction: 'ingress' as const, rule: 0 }],
        })),
      };
    }),
  };
}

/** What is reached along edges that were seen: all of them now, those that are admitted under the proposal. */
export function blastAnswer(graph: GraphSnapshot, body: BlastBody): Asked<Blast> | undefined {
  const start = nodeCalled(graph, body.workload ?? '');
  const jewels = (body.crownJewels ?? []).map((text) => nodeCalled(graph, text));
  if (start === undefined || jewels.includes(undefined)) return undefined;
  const byId = new Map(graph.nodes.map((node) => [node.id, textOf(node)]));
  const textById = (id: string): string => byId.get(id) ?? id;
  const about = { jewels: jewels.flatMap((node) => node?.id ?? []), textById };
  const all = walk(graph, start.id, () => true);
  const used = walk(graph, start.id, (edge) => edge.denied < edge.conversations && edge.port !== 53);
  const now = body.policies.from === 'none' ? 'open' : 'current';
  const stages = [
    stageOf({ ...about, name: now, hops: all }),
    stageOf({
      ...about,
      name: 'proposal',
      hops: walk(graph, start.id, ({ admitted }) => admitted === 'admitted'),
    }),
  ];
  return {
    lists: [],
    answer: {
      cluster: 'demo',
      profile: 'cilium',
      workload: textOf(start),
      workloads: byId.size,
      policies: stages.map(({ stage }) => ({ stage, count: 13 })),
      readings: [{ ports: 'listening', stages }],
      used: {
        byHop: used.map((steps) => ({ workloads: steps.map(({ to }) => textById(to)) })),
        direct: (used[0] ?? []).map(({ to, protocol, port }) => ({
          workload: textById(to),
          ports: [{ protocol, from: Number(port), to: Number(port) }],
          text: `${protocol} ${port}`,
        })),
        outside: [],
      },
      problems: [],
    },
  };
}
