import type { Baseline } from '#core/baseline/baseline.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { Certificate } from '#core/policy/certificate.ts';
import type { PolicyOnDisk } from '#core/policy/certify/recheck.ts';
import type { SelectorKeys } from '#core/policy/generate/inhabitants.ts';
import type { PublicListenerWish } from '#core/policy/generate/public-opening.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { ServedManifests } from '../app/policy-questions/ground.ts';
import type { Ledger } from '../app/ports/ledger.ts';
import type { NamedText } from '../app/ports/manifest-tools.ts';
import type { Workspace } from '../app/workspace.ts';
import type { PlacedText } from './assert.ts';
import type { ClusterFolder } from './connections.ts';
import type { MarkdownTools } from './diff-format-markdown.ts';
import type { Terminal } from './terminal.ts';

/** A server that answers. */
export interface RunningServer {
  /** With the port that was really taken, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  close(): Promise<void>;
}

/** What became of the files of an export, as sorted paths relative to the folder of its cluster. */
export interface ExportOutcome {
  /** The folder of the cluster. */
  readonly folder: string;
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  /** Changed by hand since they were written, and left as they are. */
  readonly handEdited: readonly string[];
  /** Of earlier exports, without a place in this one. */
  readonly stale: readonly string[];
  readonly deleted: readonly string[];
}

/** Where a proposal goes, and what may happen to the files that are there. */
export interface ExportRequest {
  /** Holds a folder for each cluster. */
  readonly dir: string;
  /** Overwrite what was edited by hand. */
  readonly force: boolean;
  /** Delete what earlier exports left. */
  readonly prune: boolean;
  /** Called with the cluster's folder and the files that will be deleted, before any of them is. */
  readonly onDoomed: (folder: string, paths: readonly string[]) => void;
}

/** The exported folder of a cluster as it now stands. */
export interface ExportedFolder {
  readonly certificate: Certificate;
  readonly policies: readonly PolicyOnDisk[];
  /** One sentence for each file that can not be read. */
  readonly failures: readonly string[];
  /** Documents that are no NetworkPolicy. */
  readonly otherKinds: readonly string[];
}

/** How a proposal is made, where it is not made as usual. */
export interface ProposeWishes {
  /** Share of the recording that is held out; 0 for none. */
  readonly holdOut?: number | undefined;
  /** Extras that may be admitted to have fewer rules; 0 for none. */
  readonly maxExtra?: number | undefined;
  /** Labels by which controllers select, where their manifests are known. */
  readonly selectorKeys?: SelectorKeys | undefined;
  /** Who may reach ports that serve the public. */
  readonly publicListeners?: PublicListenerWish | undefined;
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
  propose(
    baseline: Baseline,
    onProgress: (done: number, total: number) => void,
    wishes?: ProposeWishes,
  ): Proposal;
  /** The same step by step, so that a server can take up other work between two steps. */
  proposing(baseline: Baseline): Generator<unknown, Proposal>;
  /** Writes a proposal below `dir`; throws a {@link UsageError} when the folder can not take it. */
  exportProposal(proposal: Proposal, options: ExportRequest): Promise<ExportOutcome>;
  /** Puts files beside an export, below its cluster's folder; an empty text takes the file away. */
  writeBeside(
    folder: string,
    files: readonly { readonly path: string; readonly text: string }[],
  ): Promise<void>;
  /** The folders of clusters that were exported into `dir`, and what lies beside them and nobody proves. */
  findExports(
    dir: string,
  ): Promise<{ readonly folders: readonly string[]; readonly strays: readonly string[] }>;
  /** Reads the folder of one cluster back; throws a {@link UsageError} when it holds no certificate. */
  readExport(dir: string): Promise<ExportedFolder>;
  /** Reads folders of manifests, or single files, into one cluster; never fails as a whole. */
  readCluster(paths: readonly string[]): Promise<ClusterFolder>;
  /** The same manifests as texts. */
  readManifestTexts(paths: readonly string[]): Promise<ServedManifests>;
  /** Text from data as Markdown. */
  readonly markdown: MarkdownTools;
  /** The unified diff of two texts; empty for equal ones. */
  textDiff(before: NamedText, after: NamedText): string;
  /** Reads YAML, or JSON for a file of that name, with the lines of its fields; never throws. */
  parsePlaced(text: string, file: string): PlacedText;
  /** Opens the ledger in this file, or a new one. */
  openLedger(path: string): Promise<Ledger>;
  /** Listens, or fails with one sentence that says why it can not. */
  startServer(options: {
    readonly workspace: Workspace;
    readonly host: string;
    readonly port: number;
    /** Names, beside this machine's own, under which the page may be asked for. */
    readonly allowedHosts: readonly string[];
    /** Manifests with the current policies, which questions are asked about. */
    readonly policies: ServedManifests | undefined;
  }): Promise<RunningServer>;
}
