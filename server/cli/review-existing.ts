import type { Baseline } from '#core/baseline/baseline.ts';
import { runToEnd } from '#core/policy/certify/steps.ts';
import type { PlacedPolicy } from '#core/policy/cluster/cluster-model.ts';
import type { ExistingReview } from '#core/policy/existing/existing-review.ts';
import { reviewingExisting } from '#core/policy/existing/review-existing.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { PolicyFolder } from '../app/policy-questions/placed-policies.ts';
import { printBaseline } from './learn.ts';
import { readPolicyFolder } from './policy-folder.ts';
import { createProgress } from './progress.ts';
import { existingJson, existingLines } from './review-existing-format.ts';
import { jsonText, printable, UsageError } from './terminal.ts';
import type { ExportOutcome, Toolbox } from './toolbox.ts';

/** The policies that a cluster has already, as `--existing` names them. */
export interface ExistingPolicies extends PolicyFolder {
  /** The folder, as the user wrote it. */
  readonly named: string;
}

/** Reads what `--existing` names; undefined without it. Policies are those of one cluster. */
export async function readExisting(
  tools: Toolbox,
  dir: string | undefined,
  baselines: readonly Baseline[],
): Promise<ExistingPolicies | undefined> {
  if (dir === undefined) return undefined;
  if (baselines.length > 1) {
    const names = baselines.map(({ scope }) => scope.cluster).join(' and ');
    throw new UsageError(
      `--existing holds the policies of one cluster: say which with --cluster (${names}).`,
    );
  }
  const folder = await readPolicyFolder(tools, dir);
  return { ...folder, policies: folder.policies.map(plain), named: dir };
}

/** Without what the API server added: a certificate speaks of what was written. */
function plain({ policy, source }: PlacedPolicy): PlacedPolicy {
  const { namespace, name } = policy.metadata;
  const metadata = namespace === undefined ? { name } : { name, namespace };
  const { apiVersion, kind, spec } = policy;
  const made: NetworkPolicy = { apiVersion, kind, metadata, spec };
  return { policy: made, source };
}

interface Asked {
  readonly baseline: Baseline;
  readonly proposal: Proposal;
  readonly existing: ExistingPolicies;
}

function reviewed(tools: Toolbox, { baseline, proposal, existing }: Asked): ExistingReview {
  const progress = createProgress(tools.terminal);
  const profile = profileNamed(proposal.certificate.profile);
  const { hash } = tools;
  const review = runToEnd(
    reviewingExisting({ baseline, proposal, existing: existing.policies, profile, hash }),
    (done, total) => progress.steps({ done, total }, 'cells judged beside existing policies'),
  );
  progress.end();
  return review;
}

/** Policies that stay, for `bulkhead verify`: the certificate counts on them, and the kustomization leaves them alone. */
const STAYING_FILE = 'existing/policies.yaml';
const REVIEW_FILE = 'existing.json';

const STAYING_HEAD =
  '# Policies that the cluster has already and that stay as they are. They are here for `bulkhead verify`, which proves\n' +
  '# them together with the new ones; nothing has to be applied.\n';

const stayingText = (tools: Toolbox, policies: readonly NetworkPolicy[]): string =>
  `${STAYING_HEAD}${policies.map((policy) => tools.printYaml(policy)).join('---\n')}`;

/** How a proposal is written; the outcome says what became of each file. */
export type WriteProposal = (proposal: Proposal) => Promise<ExportOutcome>;

/**
 * Proposes beside policies that are there already: reviews them, writes only what is missing or too wide, and returns
 * what `--json` prints. Prints the review unless `json` is asked for.
 */
export async function proposeBeside(
  tools: Toolbox,
  asked: Asked & { readonly json: boolean },
  write: WriteProposal,
): Promise<{ readonly review: unknown; readonly proposal: Proposal; readonly files: ExportOutcome }> {
  const { baseline, existing, json } = asked;
  const review = reviewed(tools, asked);
  const said = existingJson(review, existing);
  const files = await write(review.proposal);
  const staying = review.stay.length === 0 ? '' : stayingText(tools, review.stay);
  await tools.writeBeside(files.folder, [
    { path: REVIEW_FILE, text: jsonText(said) },
    { path: STAYING_FILE, text: staying },
  ]);
  if (!json) {
    printBaseline(tools.terminal, baseline);
    const lines = ['', ...existingLines(review, existing, files), ''];
    tools.terminal.out(lines.map((line) => `${printable(line)}\n`).join(''));
  }
  return { review: said, proposal: review.proposal, files };
}
