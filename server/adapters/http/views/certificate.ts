import type { CertificateView } from '#contract/proposal.ts';
import type { BlindSpots, Certificate, PortInterval } from '#core/policy/certificate.ts';

/** `TCP 5432`, `UDP 1-65535`. */
const portsText = ({ protocol, from, to }: PortInterval): string =>
  `${protocol} ${from === to ? from : `${from}-${to}`}`;

/** What the proof can not see, each with its count; what never happened is left out. */
function blindSpotsView(spots: BlindSpots): { what: string; count: string }[] {
  const counts: readonly (readonly [string, string])[] = [
    ['events lost', spots.lostEvents],
    ['conversations without a direction', String(spots.undecidedConversations)],
    ['conversations with an unresolved end', String(spots.unresolvedConversations)],
    ['edges held for review', String(spots.heldEdges)],
    ['edges rejected', String(spots.rejectedEdges)],
    ['silent nodes', String(spots.silentNodes.length)],
    ['conversations closed early', String(spots.closedEarly)],
    ['pods not kept', String(spots.shedPods)],
  ];
  return counts.filter(([, count]) => count !== '0').map(([what, count]) => ({ what, count }));
}

function minimalityView({ minimality }: Certificate): Pick<CertificateView, 'minimality'> {
  if (minimality === undefined) return {};
  const { ruleCount, atLeast, redundant } = minimality;
  return { minimality: { ruleCount, atLeast, redundant } };
}

/** The certificate without the world it carries. */
export function certificateView(certificate: Certificate): CertificateView {
  const { window, universe, conversations, extras } = certificate;
  const notAdmitted = conversations.filter(({ admitted }) => !admitted);
  return {
    profile: certificate.profile,
    contentHash: certificate.contentHash,
    toolVersion: certificate.toolVersion,
    window: { from: window.from, until: window.until },
    universe: universe.description,
    cellsJudged: universe.cellsJudged,
    totals: { ...certificate.totals },
    notAdmitted: notAdmitted.map((edge) => ({
      line: edge.line,
      conversations: edge.conversations,
      reason: edge.reason ?? 'denied-by-evaluator',
      note: edge.note ?? null,
    })),
    extras: extras.map((extra) => ({
      from: extra.from,
      to: extra.to,
      ports: portsText(extra.ports),
      admittedBy: [...extra.admittedBy],
      declared: extra.kind === 'declared',
      why: extra.why,
    })),
    blindSpots: blindSpotsView(certificate.blindSpots),
    ...minimalityView(certificate),
  };
}
