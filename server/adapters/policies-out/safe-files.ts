import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { failed, ok, type Result } from '#core/result.ts';

/** Why a path of an export can not be used. */
export type PathFailure =
  | { readonly code: 'path_outside'; readonly path: string }
  | { readonly code: 'symlink_in_the_way'; readonly path: string }
  | { readonly code: 'not_a_folder'; readonly path: string }
  | { readonly code: 'unwritable'; readonly path: string; readonly detail: string };

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

const detailOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

type Kind = 'file' | 'folder' | 'symlink' | 'other';

/** Undefined when there is nothing at the path. */
async function kindOf(path: string): Promise<Kind | PathFailure | undefined> {
  try {
    const stat = await lstat(path);
    if (stat.isSymbolicLink()) return 'symlink';
    if (stat.isDirectory()) return 'folder';
    return stat.isFile() ? 'file' : 'other';
  } catch (error) {
    if (isMissing(error)) return undefined;
    return { code: 'unwritable', path, detail: detailOf(error) };
  }
}

/**
 * The absolute path of a file below the root. No component from the root on may be a symbolic link: what is written
 * through one lands somewhere else.
 */
export async function safePath(root: string, relative: string): Promise<Result<string, PathFailure>> {
  const base = resolve(root);
  const target = resolve(base, relative);
  if (!target.startsWith(base + sep)) return failed({ code: 'path_outside', path: relative });
  let at = base;
  for (const step of ['.', ...target.slice(base.length + 1).split(sep)]) {
    at = join(at, step);
    const kind = await kindOf(at);
    if (kind === undefined) break;
    if (typeof kind === 'object') return failed(kind);
    const failure = obstacle(kind, at, at === target);
    if (failure !== undefined) return failed(failure);
  }
  return ok(target);
}

/** What is wrong with something that already stands at a path on the way to a file, or at the file's own. */
function obstacle(kind: Kind, path: string, isTarget: boolean): PathFailure | undefined {
  if (kind === 'symlink') return { code: 'symlink_in_the_way', path };
  if (kind === 'folder') return isTarget ? { code: 'unwritable', path, detail: 'it is a folder' } : undefined;
  if (kind === 'file') return isTarget ? undefined : { code: 'not_a_folder', path };
  return { code: 'unwritable', path, detail: 'it is no regular file' };
}

/** The text of a file below the root; undefined when there is none. */
export async function readSafely(
  root: string,
  relative: string,
): Promise<Result<string | undefined, PathFailure>> {
  const path = await safePath(root, relative);
  if (!path.ok) return path;
  try {
    return ok(await readFile(path.value, 'utf8'));
  } catch (error) {
    return isMissing(error)
      ? ok(undefined)
      : failed({ code: 'unwritable', path: relative, detail: detailOf(error) });
  }
}

async function replaceFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writeFile(content, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes a file below the root so that a reader sees the old text or the new one, never half of it. */
export async function writeSafely(
  root: string,
  relative: string,
  content: string,
): Promise<Result<undefined, PathFailure>> {
  const path = await safePath(root, relative);
  if (!path.ok) return path;
  try {
    await replaceFile(path.value, content);
    return ok(undefined);
  } catch (error) {
    return failed({ code: 'unwritable', path: relative, detail: detailOf(error) });
  }
}

/** Deletes one file below the root; one that is not there is no failure. */
export async function deleteSafely(root: string, relative: string): Promise<Result<undefined, PathFailure>> {
  const path = await safePath(root, relative);
  if (!path.ok) return path;
  try {
    await rm(path.value, { force: true });
    return ok(undefined);
  } catch (error) {
    return failed({ code: 'unwritable', path: relative, detail: detailOf(error) });
  }
}
