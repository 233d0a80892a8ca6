import { PublicListeners } from '#core/baseline/public-listener.ts';
import type { TrainingWindow } from '#core/baseline/training-window.ts';
import { EPHEMERAL_FROM } from '#core/flow/direction.ts';
import { describeEdge, describePort, type Edge } from '#core/graph/edge.ts';
import { describePeer, type WorkloadId } from '#core/identity/peer.ts';
import { sortedBy, sortedText } from '#core/order.ts';
import type { ProposalWarning } from '../proposal.ts';
import { lateAddresses } from '../system/external-evidence.ts';
import { isOpenedToPublic } from '../system/public-blocks.ts';
import type { Contribution } from './contribution.ts';
import type { Inhabitant } from './inhabitants.ts';
import type { Evidence } from './isolation.ts';
import { conflictingKeys } from './stable-labels.ts';

const nameOf = (id: WorkloadId): string => describePeer({ kind: 'workload', id });

type Warn = (code: ProposalWarning['code'], message: string) => ProposalWarning;

const warner =
  (workload: WorkloadId): Warn =>
  (code, message) => ({ code, workload, message });

/** What would end a collision. */
const patchText = (patch: readonly [key: string, value: string] | undefined): string =>
  patch === undefined
    ? ''
    : ` Add ${patch[0]}: ${patch[1]} to the labels of its pod template, and the next proposal tells them apart.`;

/** What a reviewer must know about how the workload's pods are selected. */
export function selectorWarnings({ id, rows, choice }: Inhabitant): readonly ProposalWarning[] {
  const warn = warner(id);
  const found: ProposalWarning[] = [];
  const conflicts = conflictingKeys(rows);
  if (conflicts.length > 0) {
    found.push(
      warn('conflicting-labels', `Pods of ${nameOf(id)} carry different values of ${conflicts.join(', ')}.`),
    );
  }
  if (choice.kind === 'none') {
    found.push(
      warn(
        'no-stable-selector',
        `${nameOf(id)} has no label that lasts; give its pod template one, such as app.kubernetes.io/name.`,
      ),
    );
    return found;
  }
  if (choice.versionKeys.length > 0) {
    const keys = choice.versionKeys.join(', ');
    found.push(
      warn(
        'version-in-selector',
        `Only ${keys} tells ${nameOf(id)} from a workload beside it; a new release needs a new policy.`,
      ),
    );
  }
  if (choice.collidesWith.length > 0) {
    const others = choice.collidesWith.map(nameOf).join(', ');
    found.push(
      warn(
        'selector-collision',
        `The labels of ${nameOf(id)} also select ${others}; what that admits is listed in the certificate.${patchText(choice.patch)}`,
      ),
    );
  }
  return found;
}

/** What a reviewer must know about what the workload may do. */
export function ruleWarnings(
  id: WorkloadId,
  contributions: readonly Contribution[],
  { window, evidence }: { readonly window: TrainingWindow; readonly evidence: Evidence },
): readonly ProposalWarning[] {
  const warn = warner(id);
  const found: ProposalWarning[] = [];
  for (const direction of ['ingress', 'egress'] as const) {
    if (evidence[direction].has(id)) continue;
    found.push(
      warn('direction-without-evidence', `No ${direction} of ${nameOf(id)} was seen; the policy closes it.`),
    );
  }
  // Who comes next to a port that was opened is let in.
  const limited = contributions.filter(({ peers }) => !isOpenedToPublic(peers));
  for (const group of growingGroups(limited, window)) {
    found.push(warn('external-still-growing', `${nameOf(id)} ${group}`));
  }
  for (const port of publicPorts(limited)) {
    found.push(
      warn(
        'public-listener',
        `${nameOf(id)} looks public on ${port}: the policy admits only the outside addresses that were seen, so every new visitor would be blocked. If it serves the internet, propose with --open-public.`,
      ),
    );
  }
  for (const { edge, direction } of sortedBy(contributions, (each) => each.edge.key)) {
    if (direction === 'ingress' && typeof edge.port === 'number' && edge.port >= EPHEMERAL_FROM) {
      found.push(
        warn(
          'ephemeral-port',
          `${describeEdge(edge)}: kernels hand such ports to clients; check that a server listens there.`,
        ),
      );
    }
  }
  return found;
}

/** Addresses are told of together: those behind one name, else all that use one port. */
function outsideGroup({ direction, other, edge }: Contribution): string {
  const who = other.kind === 'fqdn' ? other.name : 'outside addresses';
  return `${direction === 'egress' ? 'to' : 'from'} ${who} on ${describePort(edge)}`;
}

/** One sentence for each group of outside addresses that had newcomers at the end of the window. */
function growingGroups(contributions: readonly Contribution[], window: TrainingWindow): readonly string[] {
  const groups = new Map<string, Edge[]>();
  for (const each of contributions) {
    if (each.other.kind === 'workload') continue;
    groups.set(outsideGroup(each), [...(groups.get(outsideGroup(each)) ?? []), each.edge]);
  }
  return sortedBy(groups, ([group]) => group).flatMap(([group, edges]) => {
    const late = edges.reduce((sum, edge) => sum + lateAddresses(edge, window), 0);
    const all = edges.reduce((sum, edge) => sum + edge.addresses.size, 0);
    if (late === 0) return [];
    return [
      `${group}: ${late} of ${all} addresses first appeared in the last fifth of the window; expect more.`,
    ];
  });
}

/** Ports that so many outside clients came to that the next one is a visitor and not a change. */
function publicPorts(contributions: readonly Contribution[]): readonly string[] {
  const inward = contributions.filter(({ direction }) => direction === 'ingress').map(({ edge }) => edge);
  const listeners = new PublicListeners(inward);
  return sortedText(new Set(inward.filter((edge) => listeners.isVisit(edge)).map(describePort)));
}

/** Edges that were set aside for a person, by how many. */
export const heldWarning = (held: number): readonly ProposalWarning[] =>
  held === 0
    ? []
    : [
        {
          code: 'held-edges',
          message: `${held} edge${held === 1 ? ' is' : 's are'} held for review and not admitted.`,
        },
      ];

/** A workload about which nothing was learnt and which default deny cuts off all the same. */
export const isolatedWarning = (id: WorkloadId): ProposalWarning => ({
  code: 'isolated-without-evidence',
  workload: id,
  message: `Nothing that may carry a rule was seen of ${nameOf(id)}; default deny isolates it.`,
});
