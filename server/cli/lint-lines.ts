import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LintFinding } from '#core/policy/lint/finding.ts';
import { type PlacedFile, withLine } from '../app/policy-questions/answers/lint.ts';

/** Reads YAML, or JSON for a file of that name; never throws. */
export type ParsePlaced = (text: string, file: string) => PlacedFile;

/** Files above the size that a reader of manifests takes have no findings within. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Reports name files from the folder on when there is one, and with it when there are several. */
async function folderOf(paths: readonly string[]): Promise<string> {
  const [only] = paths;
  if (only === undefined || paths.length > 1) return '';
  const found = await stat(only).catch(() => undefined);
  return found?.isFile() === true ? dirname(only) : only;
}

async function placedFile(path: string, file: string, parse: ParsePlaced): Promise<PlacedFile | undefined> {
  try {
    const { size } = await stat(path);
    return size > MAX_BYTES ? undefined : parse(await readFile(path, 'utf8'), file);
  } catch {
    return undefined;
  }
}

/** Puts each finding on the line of its field; where a file can not be read again it stays on that of its object. */
export async function withFieldLines(
  findings: readonly LintFinding[],
  paths: readonly string[],
  parse: ParsePlaced,
): Promise<readonly LintFinding[]> {
  const folder = await folderOf(paths);
  const files = new Map<string, PlacedFile | undefined>();
  const placed: LintFinding[] = [];
  for (const finding of findings) {
    const file = finding.source?.file;
    if (file !== undefined && !files.has(file))
      files.set(file, await placedFile(join(folder, file), file, parse));
    placed.push(withLine(finding, file === undefined ? undefined : files.get(file)));
  }
  return placed;
}
