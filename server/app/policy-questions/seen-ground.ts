import type { NamespaceIsolation, ProposedPolicy } from '#core/policy/proposal.ts';
import { scopeOf } from '../scope-of.ts';
import type { ProposalRecord, Workspace } from '../workspace.ts';
import type { ProposedFile, SeenGround } from './ground.ts';

/** Where an export would put a policy, relative to its folder. */
export type PathOf = (policy: ProposedPolicy | NamespaceIsolation, cluster: string) => string;

function filesOf({ proposal }: ProposalRecord, pathOf: PathOf): readonly ProposedFile[] {
  const { policies, isolation, certificate } = proposal;
  const { cluster } = certificate.scope;
  return [
    ...policies.map((each) => ({
      file: pathOf(each, cluster),
      policy: each.policy,
      reasons: each.reasons,
    })),
    ...isolation.map((each) => ({ file: pathOf(each, cluster), policy: each.policy, reasons: [] })),
  ];
}

/** What a workspace knows at this moment, as far as questions about policies need it. */
export function seenGroundOf(workspace: Workspace, pathOf: PathOf): SeenGround {
  const world = workspace.world();
  const { setAside, lostEvents } = workspace.coverage();
  const record = workspace.proposal();
  // Before anything is learnt the scope is of nothing in particular.
  const isLearnt = workspace.window() !== undefined;
  return {
    world,
    edges: [...workspace.graph().edges.values()],
    coverage: { setAside, lostEvents },
    cluster: isLearnt ? workspace.scope().cluster : scopeOf(world, {}).cluster,
    proposal: record && { id: record.proposal.id, files: filesOf(record, pathOf) },
  };
}
