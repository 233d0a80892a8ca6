import type { Baseline } from '#core/baseline/baseline.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { Certificate } from '#core/policy/certificate.ts';
import type { PolicyOnDisk } from '#core/policy/certify/recheck.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { Ledger } from '../app/ports/ledger.ts';
import type { Workspace } from '../app/workspace.ts';
import type { ClusterFolder } from './connections.ts';
import type { Terminal } from './terminal.ts';

/** A server that answers. */
export interface RunningServer {
  /** With the port that was really taken, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  close(): Promise<void>;
}

/** What became of the files of an export, as sorted paths relative to its folder. */
export interface ExportOutcome {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  /** Changed by hand since they were written, and left as they are. */
  readonly handEdited: readonly string[];
  /** Of earlier exports, without a place in this one. */
  readonly stale: readonly string[];
  readonly deleted: readonly string[];
}

/** An exported folder as it now stands. */
export interface ExportedFolder {
  readonly certificate: Certificate;
  readonly policies: readonly PolicyOnDisk[];
  /** One sentence for each file that can not be read. */
  readonly failures: readonly string[];
  /** Documents that are no NetworkPolicy. */
  readonly otherKinds: readonly string[];
}

/** What commands need of the outside world; `main.ts` puts the adapters in. */
export interface Toolbox {
  readonly terminal: Terminal;
  readonly version: string;
  /** Hash of a text as lower-case hexadecimal. */
  hash(text: string): string;
  wallClock(): EpochMs;
  /** Plain data as YAML and back; `parseYaml` throws an error whose message says where. */
  printYaml(value: unknown): string;
  parseYaml(text: string): unknown;
  /** Makes a proposal and its certificate; calls back with cells judged so far. */
  propose(baseline: Baseline, onProgress: (done: number, total: number) => void): Proposal;
  /** Writes a proposal; throws a {@link UsageError} when the folder can not take it. */
  exportProposal(
    proposal: Proposal,
    options: { readonly dir: string; readonly force: boolean; readonly prune: boolean },
  ): Promise<ExportOutcome>;
  /** Reads an export back; throws a {@link UsageError} when it holds no certificate. */
  readExport(dir: string): Promise<ExportedFolder>;
  /** Reads folders of manifests, or single files, into one cluster; never fails as a whole. */
  readCluster(paths: readonly string[]): Promise<ClusterFolder>;
  /** Opens the ledger in this file, or a new one. */
  openLedger(path: string): Promise<Ledger>;
  /** Listens, or fails with one sentence that says why it can not. */
  startServer(options: {
    readonly workspace: Workspace;
    readonly host: string;
    readonly port: number;
    /** Names, beside this machine's own, under which the page may be asked for. */
    readonly allowedHosts: readonly string[];
  }): Promise<RunningServer>;
}
