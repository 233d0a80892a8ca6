import type { Certificate, Extra, JudgedEdge } from '../certificate.ts';
import { contentHashOf, policyText } from '../certify/content-hash.ts';
import { extraKey, isCovered } from '../certify/extras.ts';
import type { Progress } from '../certify/judge-cells.ts';
import { hearingOf, type Judgement, judgeCourt, thoroughlyWith } from '../certify/judge-court.ts';
import { totalsOf } from '../certify/totals.ts';
import type { HashText } from '../hash.ts';
import { profileNamed } from '../literal/profiles.ts';
import type { NetworkPolicy } from '../network-policy.ts';

/** The judge's word on an edge under other policies than those that its certificate was made for. */
function rejudged(edge: JudgedEdge, admitted: boolean): JudgedEdge {
  const { reason, note, ...facts } = edge;
  if (admitted && reason === 'folded') return edge; // more addresses or ports than are kept: nobody can tell
  if (admitted) {
    const other = { note: 'Admitted by a policy that was there before.' };
    return { ...facts, admitted, ...(edge.admitted ? {} : other) };
  }
  const why = reason ?? 'denied-by-evaluator';
  return {
    ...facts,
    admitted,
    reason: why,
    note: note ?? 'Neither the policies that stay nor the new ones admit it.',
  };
}

/** An extra that the proposal admits too keeps the reason that is known there. */
function explained(extra: Extra, known: ReadonlyMap<string, readonly Extra[]>): Extra {
  const same = known.get(extraKey(extra))?.find(({ ports }) => isCovered(extra.ports, [ports]));
  return same === undefined ? extra : { ...extra, kind: same.kind, why: same.why };
}

function byKey(extras: readonly Extra[]): ReadonlyMap<string, readonly Extra[]> {
  const known = new Map<string, Extra[]>();
  for (const extra of extras) {
    const key = extraKey(extra);
    known.set(key, [...(known.get(key) ?? []), extra]);
  }
  return known;
}

/** Judges every cell of a certificate's universe under other policies, by the literal evaluator. */
export function* judgingInstead(
  certificate: Certificate,
  policies: readonly NetworkPolicy[],
  hash: HashText,
): Generator<Progress | undefined, Judgement> {
  const { world, owners, scope, conversations, profile } = certificate;
  const certified = { namespaces: world.namespaces, pods: world.pods, owners };
  const court = { certified, policies, scope, profile: profileNamed(profile) };
  const seed = hash([certificate.contentHash, ...policies.map(policyText)].join('\n')).slice(0, 16);
  return yield* judgeCourt(court, hearingOf(conversations), thoroughlyWith(seed));
}

/** The certificate of other policies for the same conversations and the same world. */
export function certificateWith(
  certificate: Certificate,
  {
    policies,
    judgement,
    hash,
  }: {
    readonly policies: readonly NetworkPolicy[];
    readonly judgement: Judgement;
    readonly hash: HashText;
  },
): Certificate {
  const { judgeEdge, cells, universe } = judgement;
  const known = byKey(certificate.extras);
  const extras = judgement.extras.extras.map((extra) => explained(extra, known));
  const conversations = certificate.conversations.map((edge) => rejudged(edge, judgeEdge(edge)));
  const { format, toolVersion, profile, scope, window, blindSpots, world, owners } = certificate;
  const made: Omit<Certificate, 'contentHash'> = {
    format,
    toolVersion,
    profile,
    scope,
    window,
    universe,
    conversations,
    extras,
    totals: totalsOf({ conversations, extras: { ...judgement.extras, extras }, cells, policies }),
    blindSpots,
    world: { ...world, policies },
    owners,
  };
  return { ...made, contentHash: contentHashOf(made, hash) };
}
