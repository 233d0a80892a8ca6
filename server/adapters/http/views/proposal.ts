import type { z } from 'zod';
import type { PolicyView, ProposalDetail, ProposalSummary, WarningView } from '#contract/proposal.ts';
import { peerKey } from '#core/identity/peer.ts';
import type { HoldOut } from '#core/policy/holdout/hold-out.ts';
import type {
  ConfidenceParts,
  NamespaceIsolation,
  Proposal,
  ProposalWarning,
  ProposedPolicy,
} from '#core/policy/proposal.ts';
import type { ProposalRecord } from '../../../app/workspace.ts';
import type { Renderers } from '../renderers.ts';
import { certificateView } from './certificate.ts';

/** A proposal in figures. */
export function proposalSummaryView(record: ProposalRecord): ProposalSummary {
  const { proposal, state, recordedAt, actor } = record;
  const { totals, conversations } = proposal.certificate;
  const policyWarnings = proposal.policies.reduce((sum, { warnings }) => sum + warnings.length, 0);
  return {
    id: proposal.id,
    baselineId: proposal.baseline,
    state,
    recordedAt,
    actor,
    coverage: totals.coverage,
    tightness: totals.tightness,
    extras: totals.extras,
    policies: totals.policies,
    rules: totals.rules,
    notAdmitted: conversations.filter(({ admitted }) => !admitted).length,
    warnings: proposal.warnings.length + policyWarnings,
  };
}

const warningView = ({ code, workload, message }: ProposalWarning): z.infer<typeof WarningView> => ({
  code,
  workload: workload === undefined ? null : peerKey({ kind: 'workload', id: workload }),
  message,
});

/** Readable lines of the training edges, by key. */
const linesByKey = (proposal: Proposal): ReadonlyMap<string, string> =>
  new Map(proposal.certificate.conversations.map(({ key, line }) => [key, line]));

function partsView({ isJob: _job, runStarts: _runs, ...parts }: ConfidenceParts) {
  return { ...parts, caps: [...parts.caps], needs: parts.needs ?? null };
}

/** The page shows what was lost and what never passes; the exported `evidence.json` has the rest. */
const holdOutView = ({ outcome, cutAt, admitted, lost, rate, rows }: HoldOut) => ({
  outcome,
  cutAt,
  admitted: admitted.conversations,
  lost: lost.conversations,
  rate,
  rows: rows.map(({ kind, line, edges, conversations, note }) => ({
    kind,
    line,
    edges,
    conversations,
    note,
  })),
});

interface PolicyContext {
  readonly lines: ReadonlyMap<string, string>;
  readonly cluster: string;
  readonly renderers: Renderers;
}

function policyView(proposed: ProposedPolicy, { lines, cluster, renderers }: PolicyContext): PolicyView {
  const { policy, reasons, workload, warnings } = proposed;
  const { name, namespace } = policy.metadata;
  return {
    workload: peerKey({ kind: 'workload', id: workload }),
    title: `${namespace ?? 'default'}/${name}`,
    namespace: namespace ?? 'default',
    name,
    path: renderers.pathOf(proposed, cluster),
    yaml: renderers.renderPolicy(policy, reasons),
    ingressRules: policy.spec.ingress?.length ?? 0,
    egressRules: policy.spec.egress?.length ?? 0,
    rules: reasons.map(({ direction, index, comment, confidence, parts, edges }) => ({
      direction,
      index,
      comment,
      confidence,
      ...(parts === undefined ? {} : { parts: partsView(parts) }),
      edges: edges.map((key) => ({ key, line: lines.get(key) ?? key })),
    })),
    warnings: warnings.map(warningView),
    isDefaultDeny: false,
    isolatesWithoutEvidence: [],
  };
}

function isolationView(isolation: NamespaceIsolation, { cluster, renderers }: PolicyContext): PolicyView {
  const { policy, namespace, isolatesWithoutEvidence } = isolation;
  return {
    workload: null,
    title: `${namespace}: default deny`,
    namespace,
    name: policy.metadata.name,
    path: renderers.pathOf(isolation, cluster),
    yaml: renderers.renderPolicy(policy, []),
    ingressRules: 0,
    egressRules: 0,
    rules: [],
    warnings: [],
    isDefaultDeny: true,
    isolatesWithoutEvidence: isolatesWithoutEvidence.map((id) => peerKey({ kind: 'workload', id })),
  };
}

/** A proposal with its policies, reasons, certificate and report. */
export function proposalDetailView(record: ProposalRecord, renderers: Renderers): ProposalDetail {
  const { proposal } = record;
  const { cluster } = proposal.certificate.scope;
  const context = { lines: linesByKey(proposal), cluster, renderers };
  return {
    ...proposalSummaryView(record),
    policiesView: [
      ...proposal.policies.map((policy) => policyView(policy, context)),
      ...proposal.isolation.map((isolation) => isolationView(isolation, context)),
    ],
    warningsView: proposal.warnings.map(warningView),
    certificate: certificateView(proposal.certificate),
    ...(proposal.holdOut === undefined ? {} : { holdOut: holdOutView(proposal.holdOut) }),
    report: renderers.renderReport(proposal),
  };
}
