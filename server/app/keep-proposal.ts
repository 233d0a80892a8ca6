import { toJson } from '#core/baseline/canonical-json.ts';
import type { Proposal, ProposalState } from '#core/policy/proposal.ts';
import { LedgerError, unwrap } from './ledger-error.ts';
import type { Change, ProposalStore, StoredProposal } from './ports/ledger.ts';
import type { ProposalRecord } from './workspace.ts';

/** A proposal that was just made, and what it joins. */
export interface Keeping {
  readonly proposal: Proposal;
  /** Newest first. */
  readonly known: readonly ProposalRecord[];
  readonly scope: string;
  readonly store: ProposalStore;
  readonly change: Change;
}

const isOvertaken = ({ state }: ProposalRecord): boolean => state === 'draft';

const superseded = (record: ProposalRecord): ProposalRecord =>
  isOvertaken(record) ? { ...record, state: 'superseded' } : record;

/** The store marks what a new proposal overtakes by itself. */
async function addNew({ proposal, scope, store, change }: Keeping): Promise<ProposalRecord> {
  const row = { id: proposal.id, scope, baselineId: proposal.baseline, content: toJson(proposal) };
  unwrap(await store.append(row, change));
  return { proposal, state: 'draft', actor: change.actor, recordedAt: change.at };
}

async function setState({ store, change }: Keeping, id: string, state: ProposalState): Promise<void> {
  const changed = await store.setState(id, state, change);
  // A row that vanished from the ledger has no state to change.
  if (!changed.ok && changed.error.code !== 'not_in_ledger') throw new LedgerError(changed.error);
}

/** The story of a proposal that was made before stays its own: who made it first, when, and what became of it. */
async function takeUpAgain(
  keeping: Keeping,
  stored: StoredProposal,
  others: readonly ProposalRecord[],
): Promise<ProposalRecord> {
  const { actor, recordedAt } = stored;
  const isBack = stored.state === 'superseded';
  if (isBack) await setState(keeping, stored.id, 'draft');
  for (const record of others.filter(isOvertaken)) await setState(keeping, record.proposal.id, 'superseded');
  return { proposal: keeping.proposal, state: isBack ? 'draft' : stored.state, actor, recordedAt };
}

/** Makes a proposal the current one, in the ledger and among those known; returns them, newest first. */
export async function keepProposal(keeping: Keeping): Promise<readonly ProposalRecord[]> {
  const others = keeping.known.filter(({ proposal }) => proposal.id !== keeping.proposal.id);
  const stored = unwrap(await keeping.store.byId(keeping.proposal.id));
  const current = stored === undefined ? await addNew(keeping) : await takeUpAgain(keeping, stored, others);
  return [current, ...others.map(superseded)];
}
