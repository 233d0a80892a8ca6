import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildModel } from '#core/policy/cluster/build-model.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { type DecodedPlace, decodeDocument } from '#core/policy/cluster/decode-object.ts';
import type { PlacedObject } from '#core/policy/cluster/decoded-object.ts';
import { fieldText, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { settleDoubles } from '#core/policy/cluster/settle-doubles.ts';
import type { ManifestFile } from '../../app/ports/manifest-tools.ts';
import { detailOf, fileProblem, findManifests } from './find-manifests.ts';
import {
  MAX_DOCUMENTS,
  type ManifestDocument,
  type ManifestText,
  parseManifestText,
} from './manifest-text.ts';

/** A cluster as a folder describes it, and everything in the folder that could not be read. */
export interface ClusterRead {
  readonly model: ClusterModel;
  /** In the order of files and lines. */
  readonly problems: readonly ManifestProblem[];
  readonly files: number;
}

const MAX_BYTES = 10 * 1024 * 1024;
const MAX_TOTAL_BYTES = 100 * 1024 * 1024;

const failuresOf = (file: string, { failures }: ManifestText): readonly ManifestProblem[] =>
  failures.map(({ number, line, fault, detail }) => {
    const leftOut = number === undefined ? 'file' : 'document';
    return { file, document: number, line, field: '', fault, leftOut, detail };
  });

const byPlace = (a: ManifestProblem, b: ManifestProblem): number =>
  (a.document ?? 0) - (b.document ?? 0) || (a.line ?? 0) - (b.line ?? 0);

/** Files read into one cluster, one after the other. */
class Reading {
  readonly placed: PlacedObject[] = [];
  readonly problems: ManifestProblem[] = [];
  private documents = 0;

  /** False when the limit on documents is reached. */
  add({ file, text }: ManifestFile): boolean {
    const parsed = parseManifestText(text, file);
    this.documents += parsed.count;
    if (this.documents > MAX_DOCUMENTS) {
      this.problems.push(fileProblem(file, 'too_many_documents'));
      return false;
    }
    const found = [...failuresOf(file, parsed)];
    for (const document of parsed.documents) {
      for (const place of decodeDocument(document.value)) found.push(...this.place(file, document, place));
    }
    this.problems.push(...found.sort(byPlace));
    return true;
  }

  private place(file: string, document: ManifestDocument, place: DecodedPlace): readonly ManifestProblem[] {
    const { object, path, issues } = place;
    if (object !== undefined) {
      const at = { document: document.number, line: document.lineOf(path), item: fieldText(path) };
      this.placed.push({ object, source: { file, ...at } });
    }
    return issues.map((issue) => ({
      file,
      document: document.number,
      line: document.lineOf(issue.path),
      field: fieldText(issue.path),
      fault: issue.fault,
      leftOut: issue.leftOut,
      detail: issue.detail,
    }));
  }

  finish(): Pick<ClusterRead, 'model' | 'problems'> {
    const { objects, doubled } = settleDoubles(this.placed);
    for (const { earlier, later } of doubled) {
      const { file, document, line, item } = later.source;
      const detail = `before: ${earlier.source.file}:${earlier.source.line}`;
      const at = { file, document, line, field: item };
      this.problems.push({ ...at, fault: 'declared_twice', leftOut: 'nothing', detail });
    }
    return { model: buildModel(objects), problems: this.problems };
  }
}

/** Reads a cluster from texts that are already there. Never throws. */
export function clusterFromTexts(files: readonly ManifestFile[]): ClusterRead {
  const reading = new Reading();
  for (const file of files) if (!reading.add(file)) break;
  return { ...reading.finish(), files: files.length };
}

/** One manifest to be read: where it is, and what reports call it. */
interface Candidate {
  readonly path: string;
  readonly file: string;
}

/** The text, or the problem that kept it from being read. `budget` is what may be read in all. */
async function textOf({ path, file }: Candidate, budget: number): Promise<string | ManifestProblem> {
  try {
    const { size } = await lstat(path);
    if (size > MAX_BYTES) return fileProblem(file, 'too_large');
    return size > budget ? fileProblem(file, 'too_many_bytes') : await readFile(path, 'utf8');
  } catch (error) {
    return fileProblem(file, 'unreadable', { detail: detailOf(error) });
  }
}

/** Every manifest below some paths; files are named from their folder on, and with it where there are several. */
async function candidatesIn(
  paths: readonly string[],
): Promise<{ readonly candidates: readonly Candidate[]; readonly problems: readonly ManifestProblem[] }> {
  const candidates: Candidate[] = [];
  const problems: ManifestProblem[] = [];
  for (const path of paths) {
    const found = await findManifests(path);
    const named = (file: string): string =>
      paths.length === 1 || file === path ? file : join(found.root, file);
    problems.push(...found.problems.map((problem) => ({ ...problem, file: named(problem.file) })));
    candidates.push(...found.files.map((file) => ({ path: join(found.root, file), file: named(file) })));
  }
  return { candidates, problems };
}

/** The texts one after the other, so that not all of them are in memory; in place of one, why it could not be read. */
async function* textsOf(candidates: readonly Candidate[]): AsyncGenerator<ManifestFile | ManifestProblem> {
  let budget = MAX_TOTAL_BYTES;
  for (const candidate of candidates) {
    const text = await textOf(candidate, budget);
    if (typeof text === 'string') budget -= text.length;
    yield typeof text === 'string' ? { file: candidate.file, text } : text;
  }
}

/**
 * Reads every manifest of some folders, or single files, into one model. Whatever is malformed is a problem with its
 * place, and the rest is read on. Never throws.
 */
export async function readCluster(paths: readonly string[]): Promise<ClusterRead> {
  const reading = new Reading();
  const { candidates, problems } = await candidatesIn(paths);
  reading.problems.push(...problems);
  for await (const each of textsOf(candidates)) {
    if ('fault' in each) reading.problems.push(each);
    else if (!reading.add(each)) break;
  }
  return { ...reading.finish(), files: candidates.length };
}

/** The same manifests as texts, for whoever reads them into a cluster later; at most 100 MiB. Never throws. */
export async function readManifestTexts(
  paths: readonly string[],
): Promise<{ readonly files: readonly ManifestFile[]; readonly problems: readonly ManifestProblem[] }> {
  const { candidates, problems: found } = await candidatesIn(paths);
  const files: ManifestFile[] = [];
  const problems = [...found];
  for await (const each of textsOf(candidates)) {
    if ('fault' in each) problems.push(each);
    else files.push(each);
  }
  return { files, problems };
}
