import { driftOf } from '#core/change/drift.ts';
import type { DriftRequest } from '#core/change/drift-context.ts';
import type { Finding, FindingId, FindingState } from '#core/finding/finding.ts';
import { mergeFindings } from '#core/finding/merge-findings.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { unwrap } from './ledger-error.ts';
import type { Change, FindingStore } from './ports/ledger.ts';
import { NOTHING_RECALLED, recallFindings, withEarlierWord } from './recalled-findings.ts';
import type { FindingFailure } from './workspace.ts';

/** Where changes of findings go, and who made them. */
export interface Entry {
  /** See `scopeKey`. */
  readonly scope: string;
  readonly change: Change;
}

/** The findings of one workspace, stored as they change. */
export class FindingBook {
  private readonly store: FindingStore;
  private rows: readonly Finding[] = [];
  private recalled = NOTHING_RECALLED;

  constructor(store: FindingStore) {
    this.store = store;
  }

  /** Most severe first. */
  all(): readonly Finding[] {
    return this.rows;
  }

  /** Takes up what earlier runs stored, as far as this graph shows it. */
  recall(stored: readonly Finding[], graph: ServiceGraph): void {
    this.recalled = recallFindings(stored, graph);
    this.rows = this.recalled.here;
  }

  /** Takes up everything that an earlier run of the same source stored. */
  resume(stored: readonly Finding[]): void {
    this.rows = stored;
  }

  /** Looks for drift; returns the ids of findings that changed. */
  async look(request: DriftRequest, { scope, change }: Entry): Promise<FindingId[]> {
    const current = driftOf(request).map((finding) => withEarlierWord(finding, this.recalled));
    const before = new Map(this.rows.map((finding) => [finding.id, finding]));
    const merged = mergeFindings(this.rows, current);
    const changed = merged.filter((finding) => !isSameFinding(before.get(finding.id), finding));
    if (changed.length > 0) unwrap(await this.store.save(scope, changed, change));
    this.rows = merged;
    return changed.map(({ id }) => id);
  }

  /** A person's word on a finding. */
  async setState(
    id: FindingId,
    state: FindingState,
    { scope, change }: Entry,
  ): Promise<Result<Finding, FindingFailure>> {
    const known = this.rows.find((finding) => finding.id === id);
    if (known === undefined) return failed({ code: 'unknown_finding', id });
    const changed = { ...known, state };
    unwrap(await this.store.save(scope, [changed], change));
    this.rows = this.rows.map((finding) => (finding.id === id ? changed : finding));
    return ok(changed);
  }
}

const isSameFinding = (a: Finding | undefined, b: Finding): boolean =>
  a !== undefined &&
  a.state === b.state &&
  a.conversations === b.conversations &&
  a.lastSeenAt === b.lastSeenAt &&
  a.severity === b.severity &&
  a.explanation === b.explanation &&
  a.proposalAnswer === b.proposalAnswer;
