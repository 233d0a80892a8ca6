import { glob, readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { compareText } from '#core/order.ts';
import { failureOf, type InputFailure } from './input-failure.ts';
import { inRotationOrder } from './rotated-set.ts';

/** One thing to read. */
export interface InputFile {
  /** Path as the user would write it; `-` is standard input. */
  readonly path: string;
  /** Bytes on disk; undefined for a pipe. */
  readonly size: number | undefined;
}

/** What the given names turned out to be; both lists in the order in which they were given. */
export interface ExpandedInputs {
  readonly inputs: readonly InputFile[];
  readonly failures: readonly InputFailure[];
}

export const STANDARD_INPUT = '-';

const EXPORT_NAME = /\.(?:json|jsonl|ndjson|log)(?:\.\d{1,6})?(?:\.gz)?$/;
const PATTERN = /[*?[\]{}]/;
/** Deep enough for a support bundle, shallow enough for a mistyped root folder. */
const MAX_FOLDER_DEPTH = 8;

type Found = { readonly files: readonly InputFile[] } | { readonly failure: InputFailure };

async function exportsIn(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => compareText(a.name, b.name))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < MAX_FOLDER_DEPTH) found.push(...(await exportsIn(path, depth + 1)));
    else if (!entry.isDirectory() && EXPORT_NAME.test(entry.name)) found.push(path);
  }
  return found;
}

/** An export that was rotated a moment ago is empty; in a folder that is no mistake of the user's. */
async function withContent(paths: readonly string[]): Promise<InputFile[]> {
  const files: InputFile[] = [];
  for (const path of paths) {
    const facts = await stat(path);
    if (facts.isFile() && facts.size > 0) files.push({ path, size: facts.size });
  }
  return files;
}

async function expandFolder(folder: string): Promise<Found> {
  const files = await withContent(await exportsIn(folder, 0));
  return files.length > 0 ? { files } : { failure: { code: 'no_exports_in_folder', input: folder } };
}

async function expandPath(path: string): Promise<Found> {
  const facts = await stat(path);
  if (facts.isDirectory()) return expandFolder(path);
  if (!facts.isFile()) return { files: [{ path, size: undefined }] };
  if (facts.size === 0) return { failure: { code: 'empty', input: path } };
  return { files: [{ path, size: facts.size }] };
}

async function expandPattern(pattern: string): Promise<Found> {
  const paths: string[] = [];
  for await (const path of glob(pattern)) paths.push(path);
  const files: InputFile[] = [];
  for (const path of paths.sort(compareText)) {
    const found = await expandPath(path);
    if ('files' in found) files.push(...found.files);
  }
  return files.length > 0 ? { files } : { failure: { code: 'no_match', input: pattern } };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

async function expandOne(input: string): Promise<Found> {
  if (input === STANDARD_INPUT) return { files: [{ path: STANDARD_INPUT, size: undefined }] };
  try {
    return PATTERN.test(input) && !(await exists(input))
      ? await expandPattern(input)
      : await expandPath(input);
  } catch (error) {
    return { failure: failureOf(error, input) };
  }
}

/** Where a file really lies, so that one that is named twice is read once. */
async function placeOf(file: InputFile): Promise<string> {
  if (file.path === STANDARD_INPUT) return STANDARD_INPUT;
  try {
    return await realpath(file.path);
  } catch {
    return resolve(file.path);
  }
}

/**
 * Files, folders (their exports, also in folders below), glob patterns and `-`, as the list of files to read: each
 * once, rotated sets oldest first. What can not be read is a failure beside it, never an exception.
 */
export async function expandInputs(names: readonly string[]): Promise<ExpandedInputs> {
  const byPath = new Map<string, InputFile>();
  const places = new Set<string>();
  const failures: InputFailure[] = [];
  for (const name of names) {
    const found = await expandOne(name);
    if ('failure' in found) {
      failures.push(found.failure);
      continue;
    }
    for (const file of found.files) {
      const place = await placeOf(file);
      if (!places.has(place)) byPath.set(file.path, file);
      places.add(place);
    }
  }
  const inputs = inRotationOrder([...byPath.keys()]).flatMap((path) => byPath.get(path) ?? []);
  return { inputs, failures };
}
