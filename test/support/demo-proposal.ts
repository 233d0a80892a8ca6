import { createHash } from 'node:crypto';
import { learnBaseline } from '#core/baseline/learn.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { collectDemo } from '../../collector/main.ts';
import { renderKustomization, renderPolicy } from '../../server/adapters/manifests/render-policy.ts';
import { renderReport } from '../../server/adapters/manifests/render-report.ts';
import { renderRollout } from '../../server/adapters/manifests/render-rollout.ts';
import { exportProposal } from '../../server/adapters/policies-out/export-proposal.ts';
import { scopeOf } from '../../server/app/scope-of.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The demo as it stands when its training window ends. */
export function trainedDemo() {
  const builder = new GraphBuilder();
  const { cluster, startAt, trainedUntil, collector, replay } = collectDemo((window) =>
    builder.apply(window),
  );
  replay.playUntil(trainedUntil);
  collector.flush();
  const [world, coverage, graph] = [collector.world(), collector.coverage(), builder.snapshot()];
  const window = { from: startAt, until: trainedUntil };
  const baseline = learnBaseline({
    graph,
    world,
    coverage,
    scope: scopeOf(world, { cluster }),
    window,
    hash: sha256,
    version: 1,
  });
  return { baseline, graph, world, builder, collector, replay, trainedUntil };
}

/** What the demo proposes, under a tool version that does not change with each release. */
export const demoProposal = (): Proposal =>
  propose(trainedDemo().baseline, { toolVersion: 'example', profile: CILIUM_PROFILE, hash: sha256 });

/** Writes a proposal as `bulkhead propose -o` does, into an empty folder. */
export async function exportInto(dir: string, proposal: Proposal): Promise<void> {
  const renderers = { renderPolicy, renderKustomization, renderReport, renderRollout };
  const written = await exportProposal(proposal, {
    dir,
    hash: sha256,
    renderers,
    handEdited: 'keep',
    stale: 'keep',
  });
  if (!written.ok) throw new Error(written.error.code);
}

/** Run as a program, it renews the example in `policies-out/`. */
if (import.meta.main) await exportInto(process.argv[2] ?? 'policies-out', demoProposal());
