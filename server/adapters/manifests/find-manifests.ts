import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sortedText } from '#core/order.ts';
import type { LeftOut, ManifestFault, ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';

const MAX_DEPTH = 16;

/** A kustomization speaks about manifests and is none. */
const isManifest = (name: string): boolean =>
  /\.(?:ya?ml|json)$/i.test(name) && !/^kustomization\.ya?ml$/i.test(name);

/** Stands in each folder that `bulkhead propose` exported a cluster into. */
const EXPORT_INDEX = '.bulkhead-index.json';

/** What an export writes beside its policies, and only there: anybody else's `rollout.json` may be a manifest. */
const EXPORT_DATA: ReadonlySet<string> = new Set(['certificate.json', 'evidence.json', 'rollout.json']);

/** The manifests of a folder, or the one file that was named. */
export interface FoundManifests {
  /** Folder that `files` are below; sorted, with `/` whatever the system. */
  readonly root: string;
  readonly files: readonly string[];
  readonly problems: readonly ManifestProblem[];
}

/** A problem with a file as a whole. */
export const fileProblem = (
  file: string,
  fault: ManifestFault,
  cost: { readonly leftOut?: LeftOut; readonly detail?: string } = {},
): ManifestProblem => ({
  file,
  document: undefined,
  line: undefined,
  field: '',
  fault,
  leftOut: cost.leftOut ?? 'file',
  detail: cost.detail,
});

/** Codes of the system that have words of their own; its sentences name calls that nobody asked for. */
const SYSTEM_WORDS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EACCES', 'permission denied'],
  ['ELOOP', 'too many symbolic links'],
]);

/** Why something could not be read, in one line. */
export function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const word = 'code' in error ? SYSTEM_WORDS.get(error.code) : undefined;
  return word ?? error.message.split('\n')[0] ?? '';
}

interface Walk {
  readonly root: string;
  readonly files: string[];
  readonly problems: ManifestProblem[];
}

async function walk(at: Walk, folder: string, depth: number): Promise<void> {
  if (depth > MAX_DEPTH) {
    at.problems.push(fileProblem(folder, 'folder_too_deep'));
    return;
  }
  const entries = await readdir(join(at.root, folder), { withFileTypes: true });
  const isExport = entries.some(({ name }) => name === EXPORT_INDEX);
  const isOwnData = (name: string): boolean => isExport && EXPORT_DATA.has(name);
  for (const entry of entries.filter(({ name }) => !name.startsWith('.') && !isOwnData(name))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) await walkSafely(at, path, depth + 1);
    else keep(at, path, entry);
  }
}

/** A link may be to a manifest, or, where its name has no ending, to a folder of them. */
function keep(at: Walk, path: string, entry: Dirent): void {
  if (isManifest(entry.name) && entry.isFile()) at.files.push(path);
  else if (entry.isSymbolicLink() && (isManifest(entry.name) || !entry.name.includes('.')))
    at.problems.push(fileProblem(path, 'symlink'));
}

async function walkSafely(at: Walk, folder: string, depth: number): Promise<void> {
  try {
    await walk(at, folder, depth);
  } catch (error) {
    at.problems.push(fileProblem(folder, 'unreadable', { detail: detailOf(error) }));
  }
}

/** Finds YAML and JSON files, kustomizations and hidden ones aside. Links are named and not followed. Never throws. */
export async function findManifests(path: string): Promise<FoundManifests> {
  const at: Walk = { root: path, files: [], problems: [] };
  try {
    // The path a person names may be a link; what is found below it may not.
    if ((await stat(path)).isFile()) return { root: join(path, '..'), files: [basename(path)], problems: [] };
    await walk({ ...at, root: path }, '', 0);
  } catch (error) {
    at.problems.push(fileProblem(path, 'unreadable', { detail: detailOf(error) }));
  }
  return { root: at.root, files: sortedText(at.files), problems: at.problems };
}
