import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildModel } from '#core/policy/cluster/build-model.ts';
import type { ClusterModel, ObjectSource } from '#core/policy/cluster/cluster-model.ts';
import { type DecodedPlace, decodeDocument } from '#core/policy/cluster/decode-object.ts';
import type { PlacedObject } from '#core/policy/cluster/decoded-object.ts';
import { fieldText, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { settleDoubles } from '#core/policy/cluster/settle-doubles.ts';
import { detailOf, fileProblem, findManifests } from './find-manifests.ts';
import { type ManifestDocument, type ManifestText, parseManifestText } from './manifest-text.ts';

/** A cluster as a folder describes it, and everything in the folder that could not be read. */
export interface ClusterRead {
  readonly model: ClusterModel;
  /** In the order of files and lines. */
  readonly problems: readonly ManifestProblem[];
  readonly files: number;
}

const MAX_BYTES = 10 * 1024 * 1024;
const MAX_TOTAL_BYTES = 100 * 1024 * 1024;
const MAX_DOCUMENTS = 5000;

/** One file of a folder, as text. */
export interface ManifestFile {
  readonly file: string;
  readonly text: string;
}

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
    this.fail(file, parsed);
    for (const document of parsed.documents) {
      for (const place of decodeDocument(document.value)) this.place(file, document, place);
    }
    return true;
  }

  private fail(file: string, { failures }: ManifestText): void {
    for (const { number, line, fault, detail } of failures) {
      const leftOut = number === undefined ? 'file' : 'document';
      this.problems.push({ file, document: number, line, field: '', fault, leftOut, detail });
    }
  }

  private place(file: string, document: ManifestDocument, { object, path, issues }: DecodedPlace): void {
    for (const issue of issues) {
      const { fault, leftOut, detail } = issue;
      const line = document.lineOf(issue.path);
      const field = fieldText(issue.path);
      this.problems.push({ file, document: document.number, line, field, fault, leftOut, detail });
    }
    if (object === undefined) return;
    const source: ObjectSource = {
      file,
      document: document.number,
      line: document.lineOf(path),
      item: fieldText(path),
    };
    this.placed.push({ object, source });
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

/**
 * Reads every manifest of a folder, or one file, into one model. Whatever is malformed is a problem with its place, and
 * the rest is read on. Never throws.
 */
export async function readCluster(path: string): Promise<ClusterRead> {
  const found = await findManifests(path);
  const reading = new Reading();
  reading.problems.push(...found.problems);
  let bytes = 0;
  for (const file of found.files) {
    try {
      const { size } = await lstat(join(found.root, file));
      bytes += size;
      if (size > MAX_BYTES) {
        reading.problems.push(fileProblem(file, 'too_large'));
        continue;
      }
      if (bytes > MAX_TOTAL_BYTES) {
        reading.problems.push(fileProblem(file, 'too_many_bytes'));
        break;
      }
      if (!reading.add({ file, text: await readFile(join(found.root, file), 'utf8') })) break;
    } catch (error) {
      reading.problems.push(fileProblem(file, 'unreadable', { detail: detailOf(error) }));
    }
  }
  return { ...reading.finish(), files: found.files.length };
}
