import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sortedText } from '#core/order.ts';
import type { PolicyOnDisk } from '#core/policy/certify/recheck.ts';
import { type PolicyFailure, parsePolicies } from './parse-policies.ts';

/** The policies of a folder and everything in it that could not be read as one. */
export interface PoliciesRead {
  readonly policies: readonly PolicyOnDisk[];
  readonly failures: readonly PolicyFailure[];
  /** Documents of other kinds, as `file` or `file#2`. */
  readonly otherKinds: readonly string[];
}

const MAX_BYTES = 10 * 1024 * 1024;
const MAX_DOCUMENTS = 5000;
const MAX_DEPTH = 8;

/** True for names of files that may hold policies. */
export const mayHoldPolicies = (name: string): boolean =>
  /\.ya?ml$/i.test(name) && !/^kustomization\.ya?ml$/i.test(name);

interface Walk {
  readonly root: string;
  readonly files: string[];
  readonly failures: PolicyFailure[];
}

async function walk(at: Walk, folder: string, depth: number): Promise<void> {
  if (depth > MAX_DEPTH) {
    at.failures.push({ code: 'too_deep', file: folder });
    return;
  }
  const entries = await readdir(join(at.root, folder), { withFileTypes: true });
  for (const entry of entries.filter(({ name }) => !name.startsWith('.'))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isSymbolicLink()) at.failures.push({ code: 'symlink', file: path });
    else if (entry.isDirectory()) await walk(at, path, depth + 1);
    else if (entry.isFile() && mayHoldPolicies(entry.name)) at.files.push(path);
  }
}

const detailOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Reads every YAML file below the folder, kustomizations aside, in the order of their paths. Never throws. */
export async function readPolicies(
  dir: string,
  retained: ReadonlySet<string> = new Set(),
): Promise<PoliciesRead> {
  const at: Walk = { root: dir, files: [], failures: [] };
  const policies: PolicyOnDisk[] = [];
  const otherKinds: string[] = [];
  try {
    await walk(at, '', 0);
  } catch (error) {
    at.failures.push({ code: 'unreadable', file: dir, detail: detailOf(error) });
  }
  let documents = 0;
  for (const file of sortedText(at.files)) {
    const read = await readOne(dir, file);
    at.failures.push(...read.failures);
    documents += read.documents;
    if (documents > MAX_DOCUMENTS) {
      at.failures.push({ code: 'too_many_documents', file, limit: MAX_DOCUMENTS });
      break;
    }
    policies.push(...read.policies.map((each) => ({ ...each, retained: retained.has(file) })));
    otherKinds.push(...read.otherKinds);
  }
  return { policies, failures: at.failures, otherKinds };
}

async function readOne(dir: string, file: string): Promise<PoliciesRead & { readonly documents: number }> {
  const nothing = { policies: [], otherKinds: [], documents: 0 };
  try {
    const { size } = await lstat(join(dir, file));
    if (size > MAX_BYTES) return { ...nothing, failures: [{ code: 'too_large', file, limit: MAX_BYTES }] };
    return parsePolicies(await readFile(join(dir, file), 'utf8'), file);
  } catch (error) {
    return { ...nothing, failures: [{ code: 'unreadable', file, detail: detailOf(error) }] };
  }
}
