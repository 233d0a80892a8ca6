import type { Baseline } from '#core/baseline/baseline.ts';
import { describeEdge, type Edge } from '#core/graph/edge.ts';

import { parseWorkloadId, type WorkloadId } from '#core/identity/peer.ts';
import type { Certificate } from '#core/policy/certificate.ts';
import type { NamespaceIsolation, ProposalId, ProposedPolicy } from '#core/policy/proposal.ts';
import type { ProposalRecord } from '../../server/app/workspace.ts';

function policyFor(workload: WorkloadId, edges: readonly Edge[]): ProposedPolicy {
  const { namespace, name } = parseWorkloadId(workload);
  const ports = edges.map(({ port, protocol }) => ({
    protocol,
    port: typeof port === 'number' ? port : null,
  }));
  return {
    workload,
    policy: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace },
      spec: {
        podSelector: { matchLabels: { app: name } },
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ podSelector: {} }], ports }],
      },
    },
    reasons: [
      {
        direction: 'ingress',
        index: 0,
        edges: edges.map(({ key }) => key),
        comment: 'Its clients.',
        confidence: 'B',
      },
    ],
    warnings: [{ code: 'direction-without-evidence', workload, message: 'Nothing was seen going out.' }],
  };
}

function denyAll(namespace: string, isolatesWithoutEvidence: readonly WorkloadId[]): NamespaceIsolation {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'default-deny', namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] as const },
  };
  return { namespace, policy, isolatesWithoutEvidence };
}

/** A proposal over the accepted edges of a baseline: one ingress policy for each workload that serves. */
export function proposalFor(baseline: Baseline, actor: string): ProposalRecord {
  const edges = [...baseline.edges.values()].filter(({ decision }) => decision === 'accepted');
  const byServer = Map.groupBy(
    edges.map(({ edge }) => edge),
    ({ to }) => (to.kind === 'workload' ? to.id : undefined),
  );
  const policies = [...byServer].flatMap(([id, served]) => (id === undefined ? [] : [policyFor(id, served)]));
  const [first] = policies;
  const proposal = {
    id: `proposal-${baseline.version}` as ProposalId, // the only cast to ProposalId here
    baseline: baseline.id,
    policies,
    isolation: first === undefined ? [] : [denyAll(first.policy.metadata.namespace ?? '', [first.workload])],
    warnings: [{ code: 'held-edges' as const, message: 'Nothing is held.' }],
    certificate: certificateFor(baseline, policies.length),
  };
  return { proposal, state: 'draft', actor, recordedAt: baseline.window.until };
}

function certificateFor(baseline: Baseline, policies: number): Certificate {
  const conversations = [...baseline.edges.values()].map(({ edge, decision }) => ({
    key: edge.key,
    line: describeEdge(edge),
    from: edge.from,
    to: edge.to,
    addresses: [...edge.addresses.keys()].sort(),
    accepted: decision === 'accepted',
    protocol: edge.protocol,
    port: edge.port,
    conversations: edge.conversations.total,
    admitted: decision === 'accepted',
    ...(decision === 'accepted' ? {} : { reason: 'rejected' as const }),
    proof: 'handshake' as const,
  }));
  const seen = conversations.reduce((sum, edge) => sum + edge.conversations, 0);
  const admitted = conversations.filter((edge) => edge.admitted);
  const passed = admitted.reduce((sum, edge) => sum + edge.conversations, 0);
  return {
    format: 'bulkhead.certificate/v1',
    toolVersion: '0.0.0-test',
    contentHash: `hash-${baseline.version}`,
    profile: 'cilium',
    scope: baseline.scope,
    window: baseline.window,
    universe: {
      description: 'Every pod seen.',
      pods: 1,
      peers: 1,
      portIntervals: [],
      cidrAtoms: [],
      cellsJudged: 1,
    },
    conversations,
    extras: [
      {
        from: 'shop/cart[Deployment]',
        to: 'kube-system/coredns[Deployment]',
        ports: { protocol: 'TCP', from: 53, to: 53 },
        admittedBy: ['shop/cart egress[0]'],
        kind: 'declared',
        why: 'DNS falls back to TCP.',
      },
    ],
    totals: {
      trainingEdges: conversations.length,
      admittedEdges: admitted.length,
      trainingConversations: seen,
      admittedConversations: passed,
      coverage: seen === 0 ? 1 : passed / seen,
      tightness: 1,
      extras: 1,
      policies,
      rules: policies,
      pairsBefore: 9,
      pairsAfter: 2,
    },
    blindSpots: {
      lostEvents: '2',
      undecidedConversations: 0,
      unresolvedConversations: 0,
      heldEdges: 0,
      rejectedEdges: conversations.length - admitted.length,
      silentNodes: [],
      closedEarly: 0,
      shedPods: 0,
      trainedFrom: baseline.window.from,
      trainedUntil: baseline.window.until,
    },
    world: { namespaces: [], pods: [], policies: [] },
    owners: [],
  };
}
