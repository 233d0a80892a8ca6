import { touchesScope } from '#core/baseline/training-window.ts';
import { describeEdge, type Edge, isAllowedEvidence } from '#core/graph/edge.ts';
import type { Peer } from '#core/identity/peer.ts';
import { sortedBy } from '#core/order.ts';
import { cellEdgeOf } from '../cell.ts';
import type { Certificate, Extra, JudgedEdge } from '../certificate.ts';
import { describeExtra } from '../describe-certificate.ts';
import type { HashText } from '../hash.ts';
import { describeProblem } from '../literal/fault.ts';
import { policyProblems } from '../literal/problems.ts';
import { profileNamed } from '../literal/profiles.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import { contentHashOf, policyId, policyText } from './content-hash.ts';
import { extraKey, isCovered } from './extras.ts';
import type { Progress } from './judge-cells.ts';
import { hearingOf, type Judgement, judgeCourt, thoroughlyWith } from './judge-court.ts';
import { openingsOf } from './openings.ts';
import type { Court } from './stand-ins.ts';
import { type OnProgress, runToEnd } from './steps.ts';

/** A policy as it now stands on disk. */
export interface PolicyOnDisk {
  readonly policy: NetworkPolicy;
  /** Relative to the folder; with several documents in a file, `file#2` for the second. */
  readonly file: string;
  /** Set when an export kept the file for a workload that is not in the certificate any more. */
  readonly retained?: boolean;
}

export const RECHECK_CODES = [
  'certificate-damaged',
  'policy-edited',
  'policy-missing',
  'policy-added',
  'policy-duplicated',
  'policy-malformed',
  'policy-opens',
  'conversation-denied',
  'fresh-conversation-denied',
  'extra-unlisted',
  'conversation-now-admitted',
  'extra-gone',
  'policy-retained',
  'known-not-admitted',
] as const;

/** One thing that no longer is as the certificate says. */
export interface RecheckFinding {
  readonly code: (typeof RECHECK_CODES)[number];
  /** `info` is no reason to fail: it makes the policies no worse. */
  readonly severity: 'problem' | 'info';
  /** File, edge or extra it is about. */
  readonly subject: string;
  /** One sentence. */
  readonly message: string;
}

export interface RecheckRequest {
  readonly certificate: Certificate;
  readonly policies: readonly PolicyOnDisk[];
  readonly hash: HashText;
  /** Conversations that were seen since; those the data path let through must be admitted. */
  readonly edges?: readonly Edge[];
}

export interface RecheckResult {
  /** Problems first, then by code and subject. */
  readonly findings: readonly RecheckFinding[];
  readonly cellsJudged: number;
  readonly conversationsJudged: number;
}

type Found = readonly RecheckFinding[];

const problem = (code: RecheckFinding['code'], subject: string, message: string): RecheckFinding => ({
  code,
  severity: 'problem',
  subject,
  message,
});

const info = (code: RecheckFinding['code'], subject: string, message: string): RecheckFinding => ({
  code,
  severity: 'info',
  subject,
  message,
});

function damage(certificate: Certificate, hash: HashText): Found {
  if (contentHashOf(certificate, hash) === certificate.contentHash) return [];
  return [
    problem(
      'certificate-damaged',
      'certificate.json',
      'The certificate was changed after it was written; its hash no longer fits.',
    ),
  ];
}

function strangerFinding(id: string, file: string, isRetained: boolean): RecheckFinding {
  return isRetained
    ? info('policy-retained', file, `${id} is of an earlier export; nothing was seen of its workload since.`)
    : problem('policy-added', file, `${id} is not in the certificate.`);
}

/** An opening that somebody asked for: the certificate lists what the rule admits beside what was seen. */
function isListedOpening({ extras }: Certificate, policy: string, path: string): boolean {
  const rule = `${policy} ${path.replace(/^spec\./, '').replace(/\].*$/, ']')}`;
  return extras.some(
    ({ kind, admittedBy }) => (kind === 'declared' || kind === 'budgeted') && admittedBy.includes(rule),
  );
}

/** Clauses that open far more than was seen, unless this very policy was certified with them. */
function openingsFound(
  certificate: Certificate,
  at: { readonly policy: NetworkPolicy; readonly file: string; readonly known: NetworkPolicy | undefined },
): Found {
  const { policy, file, known } = at;
  const id = policyId(policy);
  const isCertified = known !== undefined && policyText(known) === policyText(policy);
  return openingsOf(policy)
    .filter(({ path }) => !(isCertified && isListedOpening(certificate, id, path)))
    .map(({ path, what }) => problem('policy-opens', file, `${id}: ${path} ${what}.`));
}

/** Hand edits, each named by file and policy. */
function comparePolicies(certificate: Certificate, onDisk: readonly PolicyOnDisk[]): Found {
  const certified = new Map(certificate.world.policies.map((policy) => [policyId(policy), policy]));
  const found: RecheckFinding[] = [];
  const met = new Set<string>();
  for (const { policy, file, retained } of onDisk) {
    const id = policyId(policy);
    const known = certified.get(id);
    if (met.has(id)) {
      found.push(
        problem('policy-duplicated', file, `${id} stands here a second time; one of them wins when applied.`),
      );
    } else if (known !== undefined && policyText(known) !== policyText(policy)) {
      found.push(problem('policy-edited', file, `${id} is not what was certified.`));
    } else if (known === undefined) {
      found.push(strangerFinding(id, file, retained === true));
    }
    met.add(id);
    for (const each of policyProblems(policy)) {
      found.push(problem('policy-malformed', file, `${id}: ${describeProblem(each)}.`));
    }
    found.push(...openingsFound(certificate, { policy, file, known }));
  }
  const missing = [...certified.keys()].filter((id) => !met.has(id));
  return [
    ...found,
    ...missing.map((id) => problem('policy-missing', id, `${id} was certified and is in no file.`)),
  ];
}

function compareConversations(certificate: Certificate, { judgeEdge }: Judgement): Found {
  return certificate.conversations.flatMap((edge): Found => {
    if (edge.reason === 'folded') return [];
    const admitted = judgeEdge(edge);
    if (admitted === edge.admitted) return [];
    if (admitted)
      return [info('conversation-now-admitted', edge.line, 'It was listed as not admitted and now is.')];
    const isOne = edge.conversations === 1;
    const message = `${edge.conversations} training conversation${isOne ? ' is' : 's are'} no longer admitted.`;
    return [problem('conversation-denied', edge.line, message)];
  });
}

function byPair(extras: readonly Extra[]): ReadonlyMap<string, readonly Extra[]> {
  const groups = new Map<string, Extra[]>();
  for (const extra of extras) groups.set(extraKey(extra), [...(groups.get(extraKey(extra)) ?? []), extra]);
  return groups;
}

/** Those that lie in none of the others. */
function uncovered(extras: readonly Extra[], others: readonly Extra[]): readonly Extra[] {
  const known = byPair(others);
  return extras.filter((extra) => {
    const same = known.get(extraKey(extra)) ?? [];
    return !isCovered(
      extra.ports,
      same.map(({ ports }) => ports),
    );
  });
}

function compareExtras(listed: readonly Extra[], found: readonly Extra[]): Found {
  const fresh = uncovered(found, listed).map((extra) =>
    problem(
      'extra-unlisted',
      describeExtra(extra),
      `Admitted by ${extra.admittedBy.join(', ')} and not in the certificate.`,
    ),
  );
  const gone = uncovered(listed, found).map((extra) =>
    info('extra-gone', describeExtra(extra), 'It is listed as an extra and no longer admitted.'),
  );
  return [...fresh, ...gone];
}

const isKnown = (peer: Peer, certificate: Certificate): boolean =>
  peer.kind !== 'workload' || certificate.owners.some(({ workload }) => workload === peer.id);

function freshFinding(edge: Edge, certificate: Certificate, listed: JudgedEdge | undefined): RecheckFinding {
  const line = describeEdge(edge);
  if (listed !== undefined && !listed.admitted) {
    return info(
      'known-not-admitted',
      line,
      `The certificate lists it as not admitted (${listed.reason ?? 'unknown'}).`,
    );
  }
  const stranger = [edge.from, edge.to].some((peer) => !isKnown(peer, certificate));
  const why = stranger ? 'A workload of it was not there in training.' : 'No rule admits it.';
  return problem('fresh-conversation-denied', line, `The policies would block it. ${why}`);
}

function compareFresh(request: RecheckRequest, { judgeEdge }: Judgement): Found {
  const { certificate } = request;
  const listed = new Map(certificate.conversations.map((edge) => [edge.key, edge]));
  return (request.edges ?? [])
    .filter((edge) => isAllowedEvidence(edge) && touchesScope(certificate.scope, edge.from, edge.to))
    .filter((edge) => !judgeEdge(cellEdgeOf(edge)))
    .map((edge) => freshFinding(edge, certificate, listed.get(edge.key)));
}

function inOrder(findings: Found): Found {
  const rank = ({ severity, code, subject }: RecheckFinding): string =>
    `${severity === 'problem' ? 0 : 1} ${String(RECHECK_CODES.indexOf(code)).padStart(2, '0')} ${subject}`;
  return sortedBy(findings, rank);
}

/**
 * Proves a certificate again, from the policies as they now stand and the world it carries: every training
 * conversation, every cell. Trusts nothing that the certificate says about them.
 */
export function* rechecking(request: RecheckRequest): Generator<Progress | undefined, RecheckResult> {
  const { certificate, policies, hash } = request;
  const { namespaces, pods } = certificate.world;
  const court: Court = {
    certified: { namespaces, pods, owners: certificate.owners },
    policies: policies.map(({ policy }) => policy),
    scope: certificate.scope,
    profile: profileNamed(certificate.profile),
  };
  const judgement = yield* judgeCourt(
    court,
    hearingOf(certificate.conversations),
    // Another sample than the one that was drawn when the certificate was made.
    thoroughlyWith(hash(`verify ${certificate.contentHash}`).slice(0, 16)),
  );
  const findings = [
    ...damage(certificate, hash),
    ...comparePolicies(certificate, policies),
    ...compareConversations(certificate, judgement),
    ...compareFresh(request, judgement),
    ...compareExtras(certificate.extras, judgement.extras.extras),
  ];
  return {
    findings: inOrder(findings),
    cellsJudged: judgement.cells.cellsJudged,
    conversationsJudged: certificate.conversations.length + (request.edges?.length ?? 0),
  };
}

/** Proves a certificate again, in one go. */
export const recheck = (request: RecheckRequest & { readonly onProgress?: OnProgress }): RecheckResult =>
  runToEnd(rechecking(request), request.onProgress);
