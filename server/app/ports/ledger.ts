import type { Json } from '#core/baseline/canonical-json.ts';
import type { Finding, FindingId } from '#core/finding/finding.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { ProposalState } from '#core/policy/proposal.ts';
import type { Result } from '#core/result.ts';

/** Who changes something, why, and when; goes into the audit log together with the change. */
export interface Change {
  /** `local` until there is a login, `bulkhead` for what a rule did. */
  readonly actor: string;
  readonly reason: string;
  readonly at: EpochMs;
}

/** Why the ledger could not do what was asked; the wording belongs to whoever shows it. */
export type LedgerFailure =
  /** Another process holds the ledger for longer than the wait allows. */
  | { readonly code: 'ledger_busy'; readonly path: string }
  /** The file is no ledger, is damaged, or can not be opened; `detail` is what the engine says. */
  | { readonly code: 'ledger_unreadable'; readonly path: string; readonly detail: string }
  /** A later Bulkhead wrote it. */
  | {
      readonly code: 'ledger_too_new';
      readonly path: string;
      readonly found: number;
      readonly understood: number;
    }
  /** The disk is full or read-only, or the engine refused the write for another reason. */
  | { readonly code: 'ledger_write_failed'; readonly path: string; readonly detail: string };

/** Somebody else, perhaps another process, wrote this version first; read again and decide again. */
export interface VersionTaken {
  readonly code: 'version_taken';
  readonly version: number;
}

/** The thing a change is about does not exist. */
export interface NotInLedger {
  readonly code: 'not_in_ledger';
  readonly id: string;
}

/** A baseline as the ledger keeps it; `content` is what `encodeBaseline` gives and `decodeBaseline` reads. */
export interface StoredBaseline {
  readonly id: string;
  /** Names the scope the versions count in, see `scopeKey`. */
  readonly scope: string;
  readonly version: number;
  readonly content: Json;
  readonly actor: string;
  readonly recordedAt: EpochMs;
}

export interface BaselineStore {
  /** The newest version of the scope; undefined until its first training window closes. */
  latest(scope: string): Promise<Result<StoredBaseline | undefined, LedgerFailure>>;
  /** Newest first, at most `limit`. */
  list(scope: string, limit: number): Promise<Result<readonly StoredBaseline[], LedgerFailure>>;
  /** The newest with this id; two equal baselines share one. */
  byId(id: string): Promise<Result<StoredBaseline | undefined, LedgerFailure>>;
  /** Adds a version. Stored once this resolves, whatever happens to the process afterwards. */
  append(
    baseline: Pick<StoredBaseline, 'id' | 'scope' | 'version' | 'content'>,
    change: Change,
  ): Promise<Result<void, LedgerFailure | VersionTaken>>;
}

/** A proposal as the ledger keeps it; `content` is whatever its codec writes. */
export interface StoredProposal {
  readonly id: string;
  readonly scope: string;
  readonly baselineId: string;
  readonly state: ProposalState;
  readonly content: Json;
  readonly actor: string;
  readonly recordedAt: EpochMs;
}

export interface ProposalStore {
  /** Newest first, at most `limit`. */
  list(scope: string, limit: number): Promise<Result<readonly StoredProposal[], LedgerFailure>>;
  byId(id: string): Promise<Result<StoredProposal | undefined, LedgerFailure>>;
  /** Adds a draft and marks earlier drafts of the scope superseded; one that is already there stays as it is. */
  append(
    proposal: Pick<StoredProposal, 'id' | 'scope' | 'baselineId' | 'content'>,
    change: Change,
  ): Promise<Result<void, LedgerFailure>>;
  setState(
    id: string,
    state: ProposalState,
    change: Change,
  ): Promise<Result<void, LedgerFailure | NotInLedger>>;
}

export interface FindingStore {
  /** In the order of `compareFindings`. A row that can no longer be read is an error, never left out silently. */
  all(scope: string): Promise<Result<readonly Finding[], LedgerFailure>>;
  /** Adds or replaces each; all of them or none. Only changed states go into the audit log. */
  save(scope: string, findings: readonly Finding[], change: Change): Promise<Result<void, LedgerFailure>>;
  byId(scope: string, id: FindingId): Promise<Result<Finding | undefined, LedgerFailure>>;
}

/** One line of the append-only log. */
export interface AuditEntry {
  /** Counts from 1 without gaps. */
  readonly sequence: number;
  readonly at: EpochMs;
  readonly actor: string;
  /** What was done, such as `baseline.append`. */
  readonly action: string;
  /** What it was done to. */
  readonly subject: string;
  readonly reason: string;
  readonly detail: Json;
  /** Hash of this entry and of the one before it. */
  readonly hash: string;
}

/** The first entry that is not what was written, or the place from which entries are missing. */
export interface AuditBroken {
  readonly code: 'audit_broken';
  readonly sequence: number;
}

export interface AuditLog {
  /** Newest first, those before `before` when it is given. */
  list(page: {
    readonly limit: number;
    readonly before?: number;
  }): Promise<Result<readonly AuditEntry[], LedgerFailure>>;
  /** Adds an entry for a change that is in no table of the ledger, such as an export to a folder. */
  append(
    entry: Pick<AuditEntry, 'action' | 'subject' | 'detail'>,
    change: Change,
  ): Promise<Result<void, LedgerFailure>>;
  /** Walks the hash chain; the number of entries when it holds. */
  verify(): Promise<Result<number, LedgerFailure | AuditBroken>>;
}

/** What must survive the process: who decided what, and why. */
export interface Ledger {
  readonly baselines: BaselineStore;
  readonly proposals: ProposalStore;
  readonly findings: FindingStore;
  readonly audit: AuditLog;
  close(): Promise<void>;
}
