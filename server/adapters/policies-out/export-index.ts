import {
  type MalformedField,
  readFields,
  readFlag,
  readJson,
  readMap,
  readOneOf,
  readText,
} from '#core/baseline/json-reader.ts';
import { sortedBy } from '#core/order.ts';
import { failed, type Result } from '#core/result.ts';

/** What an export wrote, so that the next one knows what a person has changed since. */
export interface ExportIndex {
  readonly format: 'bulkhead.index/1';
  readonly cluster: string;
  readonly files: ReadonlyMap<string, IndexedFile>;
}

export interface IndexedFile {
  /** Hash of the content that was written. */
  readonly hash: string;
  /** Left from an earlier export: the newest proposal has no such file. */
  readonly retained: boolean;
}

export const INDEX_FILE = '.bulkhead-index.json';

const readIndex = readFields<ExportIndex>({
  format: readOneOf(['bulkhead.index/1'] as const),
  cluster: readText,
  files: readMap(readFields<IndexedFile>({ hash: readText, retained: readFlag })),
});

/** Reads an index; anything that is none is a failure, since nothing may be overwritten on its word. */
export function parseIndex(text: string): Result<ExportIndex, MalformedField> {
  try {
    return readJson(JSON.parse(text) as unknown, readIndex);
  } catch {
    return failed({ code: 'malformed', at: '', expected: 'JSON' });
  }
}

/** The index as text, sorted by path. */
export function indexText({ format, cluster, files }: ExportIndex): string {
  const sorted = Object.fromEntries(sortedBy(files, ([path]) => path));
  return `${JSON.stringify({ format, cluster, files: sorted }, null, 2)}\n`;
}
