import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Proposal } from '#core/policy/proposal.ts';
import { renderKustomization, renderPolicy } from '../../../server/adapters/manifests/render-policy.ts';
import { renderReport } from '../../../server/adapters/manifests/render-report.ts';
import { renderRollout } from '../../../server/adapters/manifests/render-rollout.ts';
import { type ExportOptions, exportProposal } from '../../../server/adapters/policies-out/export-proposal.ts';
import { baselineOf, edge, sha256 } from '../../support/baseline-fixture.ts';
import { cart, db, proposeFrom, web } from './shop-fixture.ts';

/** A proposal for three workloads of which two talk. */
export const small = proposeFrom(baselineOf({ workloads: [web, cart, db], edges: [edge(web, cart)] }));

const renderers = { renderPolicy, renderKustomization, renderReport, renderRollout };

/** Exports a proposal as `bulkhead propose -o` does, unless told otherwise. */
export const write = (proposal: Proposal, dir: string, more: Partial<ExportOptions> = {}) =>
  exportProposal(proposal, { dir, hash: sha256, renderers, handEdited: 'keep', stale: 'keep', ...more });

/** The same, for exports that must not fail. */
export async function written(proposal: Proposal, dir: string, more: Partial<ExportOptions> = {}) {
  const result = await write(proposal, dir, more);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Files below a folder, sorted. */
export const filesOf = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(dir, path)).isFile())
    .sort();

/** Files below a folder with what is in them. */
export const contentsOf = (dir: string): readonly string[] =>
  filesOf(dir).map((path) => `${path}\n${readFileSync(join(dir, path), 'utf8')}`);
