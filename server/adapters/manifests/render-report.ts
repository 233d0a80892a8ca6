import { formatInstant } from '#core/flow/time.ts';
import { describePeer, type WorkloadId } from '#core/identity/peer.ts';
import type { Certificate, JudgedEdge } from '#core/policy/certificate.ts';
import { coverageText, extraKindsText, portsText, tightnessText } from '#core/policy/describe-certificate.ts';
import { minimalityText } from '#core/policy/describe-minimality.ts';
import type { Proposal, ProposalWarning, ProposedPolicy } from '#core/policy/proposal.ts';
import { code, sentence, table } from './markdown.ts';
import { holdOutSection } from './report-hold-out.ts';
import { minimalitySections } from './report-minimality.ts';
import { rulesSection } from './report-rules.ts';
import { systemSections } from './report-system.ts';

type Lines = readonly string[];

const workloadText = (id: WorkloadId): string => describePeer({ kind: 'workload', id });

function summary({ certificate, policies }: Proposal): Lines {
  const { totals, window, scope } = certificate;
  const namespaces = scope.namespaces.length === 0 ? 'all namespaces' : scope.namespaces.map(code).join(', ');
  return [
    '# Network policy proposal',
    '',
    `Cluster ${code(scope.cluster)}, ${namespaces}; learnt from ${formatInstant(window.from)} to ${formatInstant(window.until)}.`,
    '',
    ...nothingToPropose(certificate, policies),
    ...table(
      ['what', 'figure'],
      [
        [
          'training conversations admitted',
          totals.trainingConversations === 0
            ? coverageText(totals)
            : `${totals.admittedConversations} of ${totals.trainingConversations} (${coverageText(totals)})`,
        ],
        ['training edges admitted', `${totals.admittedEdges} of ${totals.trainingEdges}`],
        ['tightness (observed of admitted)', tightnessText(totals)],
        ['extras (admitted, never seen)', extrasFigure(certificate)],
        ['policies, rules', `${totals.policies}, ${totals.rules}`],
        ...(certificate.minimality === undefined
          ? []
          : [['how few rules', minimalityText(certificate.minimality)]]),
        ['workload pairs that can talk: before, after', `${totals.pairsBefore}, ${totals.pairsAfter}`],
      ],
    ),
    '',
    `Judged by the literal evaluator under the ${certificate.profile} profile: ${certificate.universe.cellsJudged} questions. Certificate ${code(certificate.contentHash.slice(0, 16))}, tool version ${code(certificate.toolVersion)}.`,
    '',
  ];
}

function nothingToPropose(certificate: Certificate, policies: readonly ProposedPolicy[]): Lines {
  if (policies.length > 0) return [];
  const why =
    certificate.conversations.length === 0
      ? 'no conversation of the scope was seen in the window'
      : 'no conversation that was seen may carry a rule; the reasons stand below';
  return [`**There is nothing to propose:** ${why}.`, ''];
}

function notAdmitted(conversations: readonly JudgedEdge[]): Lines {
  const refused = conversations.filter(({ admitted }) => !admitted);
  if (refused.length === 0) return ['## Not admitted', '', 'Every training conversation is admitted.', ''];
  return [
    '## Not admitted',
    '',
    'Apply the policies only when you can do without these, or admit them by other means.',
    '',
    ...table(
      ['conversation', 'count', 'reason', 'what to do'],
      refused.map((edge) => [
        code(edge.line),
        String(edge.conversations),
        edge.reason ?? 'denied-by-evaluator',
        sentence(edge.note ?? ''),
      ]),
    ),
    '',
  ];
}

const extrasFigure = ({ extras: all }: Certificate): string =>
  all.length === 0 ? '0' : `${all.length} (${extraKindsText(all)})`;

function extras({ extras: all }: Certificate): Lines {
  if (all.length === 0) return ['## Extras', '', 'Nothing is admitted that was not seen.', ''];
  return [
    '## Extras',
    '',
    'Admitted although never seen, with the rules to blame. *declared*: meant by the proposal. *budgeted*: bought by a budget of extras, to have fewer rules. *collision*: labels that select one workload also select another. *surprise*: nobody meant it.',
    '',
    ...table(
      ['from', 'to', 'ports', 'admitted by', 'kind', 'why'],
      all.map((extra) => [
        code(extra.from),
        code(extra.to),
        portsText(extra),
        extra.admittedBy.map(code).join(' '),
        extra.kind,
        sentence(extra.why),
      ]),
    ),
    '',
  ];
}

function isolation(proposal: Proposal): Lines {
  const unseen = new Set(
    proposal.warnings
      .filter(({ code: kind }) => kind === 'isolated-without-evidence')
      .map(({ workload }) => workload),
  );
  if (proposal.isolation.length === 0) return [];
  const rows = proposal.isolation.flatMap(({ namespace, isolatesWithoutEvidence }) =>
    isolatesWithoutEvidence.map((id) => [
      code(namespace),
      code(workloadText(id)),
      unseen.has(id) ? 'nothing at all was seen of it' : 'nothing was seen in one of the directions',
    ]),
  );
  const names = proposal.isolation.map(({ namespace }) => code(namespace)).join(', ');
  const intro = `The folder \`default-deny\` closes ${names}. Apply it last, as \`ROLLOUT.md\` says. It also closes these workloads without evidence:`;
  if (rows.length === 0)
    return [
      '## Default deny',
      '',
      `The folder \`default-deny\` closes ${names}. Apply it last, as \`ROLLOUT.md\` says.`,
      '',
    ];
  return ['## Default deny', '', intro, '', ...table(['namespace', 'workload', 'why'], rows), ''];
}

function warnings(proposal: Proposal): Lines {
  const all: readonly ProposalWarning[] = [
    ...proposal.warnings,
    ...proposal.policies.flatMap((policy) => policy.warnings),
  ];
  if (all.length === 0) return [];
  return ['## Look at these', '', ...all.map((each) => `- ${each.code}: ${sentence(each.message)}`), ''];
}

function blindSpots({ blindSpots: spots, universe }: Certificate): Lines {
  const counted: readonly (readonly [string, string | number])[] = [
    ['events the sources lost', spots.lostEvents],
    ['conversations without a sure direction', spots.undecidedConversations],
    ['conversations with an unresolved end', spots.unresolvedConversations],
    ['edges held for review', spots.heldEdges],
    ['edges rejected', spots.rejectedEdges],
    ['silent nodes', spots.silentNodes.length],
    ['conversations closed early', spots.closedEarly],
    ['pods not kept', spots.shedPods],
  ];
  const known = counted.filter(([, count]) => String(count) !== '0');
  const lines = known.map(([what, count]) => `- ${what}: ${count}`);
  return [
    '## What this proof does not see',
    '',
    ...(lines.length > 0 ? lines : ['Nothing is known to be missing.']),
    '',
    `The universe: ${universe.description}`,
    '',
  ];
}

/** The proposal in plain words, as Markdown. Equal proposals give equal text. */
export function renderReport(proposal: Proposal): string {
  const { certificate } = proposal;
  return [
    ...summary(proposal),
    ...notAdmitted(certificate.conversations),
    ...holdOutSection(proposal.holdOut),
    ...extras(certificate),
    ...isolation(proposal),
    ...warnings(proposal),
    ...rulesSection(proposal),
    ...systemSections(proposal),
    ...minimalitySections(certificate),
    ...blindSpots(certificate),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
