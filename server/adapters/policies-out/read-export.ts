import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MalformedField } from '#core/baseline/json-reader.ts';
import { sortedText } from '#core/order.ts';
import type { Certificate } from '#core/policy/certificate.ts';
import { decodeCertificate } from '#core/policy/certify/certificate-codec.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { INDEX_FILE, parseIndex } from './export-index.ts';
import { CERTIFICATE_FILE } from './plan-files.ts';
import { mayHoldPolicies, type PoliciesRead, readPolicies } from './read-policies.ts';
import { type PathFailure, readSafely } from './safe-files.ts';

/** The export of one cluster as it now stands. */
export interface ExportRead extends PoliciesRead {
  readonly certificate: Certificate;
}

export type ReadExportFailure =
  | PathFailure
  | { readonly code: 'no_certificate'; readonly path: string }
  | {
      readonly code: 'certificate_malformed';
      readonly path: string;
      readonly at: string;
      readonly expected: string;
    };

const malformed = ({ at, expected }: Omit<MalformedField, 'code'>): ReadExportFailure => ({
  code: 'certificate_malformed',
  path: CERTIFICATE_FILE,
  at,
  expected,
});

function parseCertificate(text: string): Result<Certificate, ReadExportFailure> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return failed(malformed({ at: '', expected: 'JSON' }));
  }
  const certificate = decodeCertificate(json);
  return certificate.ok ? certificate : failed(malformed(certificate.error));
}

/** Files that stayed from earlier exports; without an index nobody can tell. */
async function retainedFiles(dir: string): Promise<ReadonlySet<string>> {
  const text = await readSafely(dir, INDEX_FILE);
  const index = text.ok && text.value !== undefined ? parseIndex(text.value) : undefined;
  if (index === undefined || !index.ok) return new Set();
  return new Set([...index.value.files].filter(([, { retained }]) => retained).map(([path]) => path));
}

/** Reads the folder of one cluster as `exportProposal` wrote it, and what a person made of it since. */
export async function readExport(dir: string): Promise<Result<ExportRead, ReadExportFailure>> {
  const text = await readSafely(dir, CERTIFICATE_FILE);
  if (!text.ok) return text;
  if (text.value === undefined) return failed({ code: 'no_certificate', path: CERTIFICATE_FILE });
  const certificate = parseCertificate(text.value);
  if (!certificate.ok) return certificate;
  return ok({ certificate: certificate.value, ...(await readPolicies(dir, await retainedFiles(dir))) });
}

/** The exports below a folder. */
export interface ExportsFound {
  /** Folders with a certificate, sorted: the folder itself, or else those right below it. */
  readonly folders: readonly string[];
  /** What lies beside them and belongs to no certificate: policies that nobody proves, folders that lost theirs. */
  readonly strays: readonly string[];
}

const isThere = async (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

async function holdsPolicies(folder: string): Promise<boolean> {
  return (await readPolicies(folder)).policies.length > 0 || (await isThere(join(folder, INDEX_FILE)));
}

/** What something beside the folders of clusters is, if it is one of them itself or nobody should miss it. */
async function partOf(path: string, entry: Dirent): Promise<keyof ExportsFound | undefined> {
  if (entry.name.startsWith('.')) return undefined;
  if (!entry.isDirectory()) return mayHoldPolicies(entry.name) ? 'strays' : undefined;
  if (await isThere(join(path, CERTIFICATE_FILE))) return 'folders';
  return (await holdsPolicies(path)) ? 'strays' : undefined;
}

/** The folders that `exportProposal` wrote for each cluster; none when it wrote nothing there. Never throws. */
export async function findExports(dir: string): Promise<ExportsFound> {
  if (await isThere(join(dir, CERTIFICATE_FILE))) return { folders: [dir], strays: [] };
  const found = { folders: [] as string[], strays: [] as string[] };
  for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
    const path = join(dir, entry.name);
    const part = await partOf(path, entry);
    if (part !== undefined) found[part].push(path);
  }
  return { folders: sortedText(found.folders), strays: sortedText(found.strays) };
}
