import { join } from 'node:path';
import { sortedText } from '#core/order.ts';
import { fileWord } from '#core/policy/generate/policy-names.ts';
import type { HashText } from '#core/policy/hash.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { type ExportIndex, INDEX_FILE, type IndexedFile, indexText, parseIndex } from './export-index.ts';
import {
  CERTIFICATE_FILE,
  collidingPaths,
  type ExportRenderers,
  isPolicyFile,
  type PlannedFile,
  planFiles,
} from './plan-files.ts';
import { deleteSafely, type PathFailure, readSafely, safePath, writeSafely } from './safe-files.ts';

export type ExportFailure =
  | PathFailure
  /** Two names that a file system without upper and lower case takes for one. */
  | { readonly code: 'names_collide'; readonly paths: readonly [string, string] }
  /** The cluster's folder holds the export of another one, moved there by hand. */
  | { readonly code: 'other_cluster'; readonly cluster: string; readonly path: string }
  /** The folder is that of one cluster already; clusters do not nest. */
  | { readonly code: 'inside_export' }
  | { readonly code: 'index_malformed'; readonly path: string; readonly at: string };

export interface ExportOptions {
  /** Holds a folder for each cluster; a proposal touches no other than its own. */
  readonly dir: string;
  readonly hash: HashText;
  readonly renderers: ExportRenderers;
  /** `overwrite` takes hand-edited files too. */
  readonly handEdited: 'keep' | 'overwrite';
  /** `delete` removes what an earlier export wrote and this one has no place for; it is listed either way. */
  readonly stale: 'keep' | 'delete';
  /** Called with what will be deleted, as paths relative to the cluster's folder, before anything is. */
  readonly onDoomed?: (folder: string, paths: readonly string[]) => void;
}

/** What became of each file, as paths relative to the cluster's folder, sorted. */
interface ExportResult {
  /** The cluster's folder, below the one that was asked for. */
  readonly folder: string;
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  /** Changed by hand since they were written, or not written by an export at all: left as they are. */
  readonly handEdited: readonly string[];
  /** Of earlier exports, without a place in this one: what pruning would delete. */
  readonly stale: readonly string[];
  readonly deleted: readonly string[];
}

/** What stands on disk for a planned or indexed file. */
interface Standing {
  readonly content: string | undefined;
  readonly indexed: IndexedFile | undefined;
}

type Fate = 'created' | 'updated' | 'unchanged' | 'handEdited';

/** One export under way. */
interface Work {
  readonly folder: string;
  readonly options: ExportOptions;
  readonly index: ExportIndex;
}

const isUntouched = ({ content, indexed }: Standing, hash: HashText): boolean =>
  content !== undefined && indexed !== undefined && hash(content) === indexed.hash;

function fateOf(file: PlannedFile, standing: Standing, { handEdited, hash }: ExportOptions): Fate {
  if (standing.content === undefined) return 'created';
  if (standing.content === file.content) return 'unchanged';
  return isUntouched(standing, hash) || handEdited === 'overwrite' ? 'updated' : 'handEdited';
}

async function standingOf(work: Work, path: string): Promise<Result<Standing, PathFailure>> {
  const content = await readSafely(work.folder, path);
  return content.ok ? ok({ content: content.value, indexed: work.index.files.get(path) }) : content;
}

async function readIndexFile(dir: string, cluster: string): Promise<Result<ExportIndex, ExportFailure>> {
  const text = await readSafely(dir, INDEX_FILE);
  if (!text.ok) return text;
  if (text.value === undefined) return ok({ format: 'bulkhead.index/1', cluster, files: new Map() });
  const index = parseIndex(text.value);
  if (!index.ok) return failed({ code: 'index_malformed', path: INDEX_FILE, at: index.error.at });
  if (index.value.cluster !== cluster) {
    return failed({ code: 'other_cluster', cluster: index.value.cluster, path: dir });
  }
  return index;
}

/** Decides about every planned file before the first is written: a refused path must not leave half an export. */
async function decide(
  work: Work,
  files: readonly PlannedFile[],
): Promise<Result<ReadonlyMap<PlannedFile, Fate>, PathFailure>> {
  const fates = new Map<PlannedFile, Fate>();
  for (const file of files) {
    const standing = await standingOf(work, file.path);
    if (!standing.ok) return standing;
    fates.set(file, fateOf(file, standing.value, work.options));
  }
  return ok(fates);
}

async function writeAll(
  dir: string,
  fates: ReadonlyMap<PlannedFile, Fate>,
): Promise<Result<undefined, PathFailure>> {
  for (const [{ path, content }, fate] of fates) {
    if (fate !== 'created' && fate !== 'updated') continue;
    const written = await writeSafely(dir, path, content);
    if (!written.ok) return written;
  }
  return ok(undefined);
}

/** Stale files, and those of them that nobody has touched and that may go. */
interface Stale {
  readonly kept: readonly string[];
  readonly doomed: readonly string[];
}

async function staleFiles(work: Work, proposal: Proposal): Promise<Result<Stale, PathFailure>> {
  const { options, index } = work;
  const wanted = planFiles(proposal, options.renderers, { hash: options.hash, retained: [] });
  const paths = new Set(wanted.map(({ path }) => path));
  const kept: string[] = [];
  const doomed: string[] = [];
  for (const path of sortedText(index.files.keys())) {
    if (paths.has(path)) continue;
    const standing = await standingOf(work, path);
    if (!standing.ok) return standing;
    if (standing.value.content === undefined) continue;
    const mayGo =
      options.stale === 'delete' &&
      (isUntouched(standing.value, options.hash) || options.handEdited === 'overwrite');
    (mayGo ? doomed : kept).push(path);
  }
  return ok({ kept, doomed });
}

function nextIndex(
  work: Work,
  fates: ReadonlyMap<PlannedFile, Fate>,
  retained: readonly string[],
): ExportIndex {
  const files = new Map<string, IndexedFile>();
  for (const path of retained) {
    const known = work.index.files.get(path);
    if (known !== undefined) files.set(path, { ...known, retained: true });
  }
  for (const [{ path, content }, fate] of fates) {
    const known = work.index.files.get(path);
    // What was edited by hand stays known by the text that an export last wrote.
    if (fate !== 'handEdited') files.set(path, { hash: work.options.hash(content), retained: false });
    else if (known !== undefined) files.set(path, { ...known, retained: false });
  }
  return { ...work.index, files };
}

const withFate = (fates: ReadonlyMap<PlannedFile, Fate>, fate: Fate): readonly string[] =>
  sortedText([...fates].filter(([, each]) => each === fate).map(([{ path }]) => path));

async function deleteAll(dir: string, paths: readonly string[]): Promise<Result<undefined, PathFailure>> {
  for (const path of paths) {
    const deleted = await deleteSafely(dir, path);
    if (!deleted.ok) return deleted;
  }
  return ok(undefined);
}

/** The folder of a proposal's cluster, which no link may lead elsewhere. */
async function clusterFolder(
  proposal: Proposal,
  { dir, hash }: ExportOptions,
): Promise<Result<string, ExportFailure>> {
  const outer = await readSafely(dir, CERTIFICATE_FILE);
  if (!outer.ok) return outer;
  if (outer.value !== undefined) return failed({ code: 'inside_export' });
  const word = fileWord(proposal.certificate.scope.cluster, hash);
  const inner = await safePath(dir, `${word}/${INDEX_FILE}`);
  return inner.ok ? ok(join(dir, word)) : inner;
}

/**
 * Writes a proposal into the folder of its cluster, `<dir>/<cluster>/`, which can be checked alone. What a person
 * changed is left alone and named; what an earlier export wrote for a workload that has gone quiet stays, and the
 * kustomizations go on naming it, until it is pruned.
 */
export async function exportProposal(
  proposal: Proposal,
  options: ExportOptions,
): Promise<Result<ExportResult, ExportFailure>> {
  const { hash, renderers } = options;
  const root = await clusterFolder(proposal, options);
  if (!root.ok) return root;
  const folder = root.value;
  const index = await readIndexFile(folder, proposal.certificate.scope.cluster);
  if (!index.ok) return index;
  const work: Work = { folder, options, index: index.value };
  const stale = await staleFiles(work, proposal);
  if (!stale.ok) return stale;
  const { kept } = stale.value;
  const files = planFiles(proposal, renderers, { hash, retained: kept.filter(isPolicyFile) });
  const planned = new Set(files.map(({ path }) => path));
  const retained = kept.filter((path) => !planned.has(path));
  const colliding = collidingPaths([...planned, ...retained]);
  if (colliding !== undefined) return failed({ code: 'names_collide', paths: colliding });
  const fates = await decide(work, files);
  if (!fates.ok) return fates;
  const written = await writeAll(folder, fates.value);
  if (!written.ok) return written;
  const doomed = stale.value.doomed.filter((path) => !planned.has(path));
  if (doomed.length > 0) options.onDoomed?.(folder, doomed);
  const deleted = await deleteAll(folder, doomed);
  if (!deleted.ok) return deleted;
  const indexed = await writeSafely(folder, INDEX_FILE, indexText(nextIndex(work, fates.value, retained)));
  if (!indexed.ok) return indexed;
  return ok({
    folder,
    created: withFate(fates.value, 'created'),
    updated: withFate(fates.value, 'updated'),
    unchanged: withFate(fates.value, 'unchanged'),
    handEdited: withFate(fates.value, 'handEdited'),
    stale: retained,
    deleted: doomed,
  });
}
