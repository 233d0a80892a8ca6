import { parseAllDocuments, type Document as YamlDocument } from 'yaml';
import { canonicalJson, toJson } from '#core/baseline/canonical-json.ts';
import type { PolicyOnDisk } from '#core/policy/certify/recheck.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';

/** Why a file or a document of it is no policy that can be judged. Lines count from 1. */
export type PolicyFailure =
  | { readonly code: 'unreadable'; readonly file: string; readonly detail: string }
  | { readonly code: 'symlink' | 'too_deep'; readonly file: string }
  | { readonly code: 'too_large' | 'too_many_documents'; readonly file: string; readonly limit: number }
  | { readonly code: 'yaml_invalid'; readonly file: string; readonly line: number; readonly detail: string }
  /** A character that readers of YAML disagree about; what one takes for a comment is a rule to another. */
  | {
      readonly code: 'unsafe_character';
      readonly file: string;
      readonly line: number;
      readonly character: string;
    }
  /** Unquoted text that YAML 1.1, which Kubernetes reads, takes for a truth value, number or date. */
  | { readonly code: 'ambiguous_value'; readonly file: string }
  | { readonly code: 'policy_shapeless'; readonly file: string; readonly detail: string };

export interface PoliciesParsed {
  readonly policies: readonly PolicyOnDisk[];
  readonly failures: readonly PolicyFailure[];
  readonly otherKinds: readonly string[];
  readonly documents: number;
}

/** Aliases may not blow a document up. */
const MAX_ALIASES = 100;

const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

function unsafeCharacter(text: string, file: string): PolicyFailure | undefined {
  const at = text.search(UNSAFE);
  if (at === -1) return undefined;
  const character = `U+${(text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return { code: 'unsafe_character', file, line: lineAt(text, at), character };
}

type Read = { readonly value: unknown } | { readonly failure: PolicyFailure };

function readValue(document: YamlDocument.Parsed, text: string, file: string): Read {
  const [error] = document.errors;
  if (error !== undefined) {
    const detail = error.message.split('\n')[0] ?? 'not YAML';
    return { failure: { code: 'yaml_invalid', file, line: lineAt(text, error.pos[0]), detail } };
  }
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return { failure: { code: 'yaml_invalid', file, line: lineAt(text, document.range[0]), detail } };
  }
}

const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? (value as Readonly<Record<string, unknown>>)[field]
    : undefined;

/** What is missing before anything can be asked about a policy; the rest is the judge's to name. */
function shapeless(value: unknown): string | undefined {
  if (typeof fieldOf(fieldOf(value, 'metadata'), 'name') !== 'string') return 'metadata.name is no text';
  const namespace = fieldOf(fieldOf(value, 'metadata'), 'namespace');
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') {
    return 'metadata.namespace is no text';
  }
  const spec = fieldOf(value, 'spec');
  return typeof spec === 'object' && spec !== null ? undefined : 'spec is no object';
}

/** The texts of both readings, or undefined where one can not be written as JSON (a date, say). */
function jsonText(value: unknown): string | undefined {
  try {
    return canonicalJson(toJson(value));
  } catch {
    return undefined;
  }
}

function readings(text: string, version: '1.1' | '1.2'): readonly YamlDocument.Parsed[] {
  const documents = parseAllDocuments(text, { version, schema: version === '1.1' ? 'yaml-1.1' : 'core' });
  return Array.isArray(documents) ? documents : [];
}

/** Reads all documents of one file's text. */
export function parsePolicies(text: string, file: string): PoliciesParsed {
  const unsafe = unsafeCharacter(text, file);
  if (unsafe !== undefined) return { policies: [], failures: [unsafe], otherKinds: [], documents: 0 };
  const documents = readings(text, '1.2');
  const older = readings(text, '1.1');
  const sorted = documents.map((document, index) => {
    const name = documents.length === 1 ? file : `${file}#${index + 1}`;
    return sortedOut({ document, older: older[index], text, file: name });
  });
  return {
    policies: sorted.filter((each) => each.kind === 'policy').map(({ policy }) => policy),
    failures: sorted.filter((each) => each.kind === 'failure').map(({ failure }) => failure),
    otherKinds: sorted.filter((each) => each.kind === 'other').map(({ file: name }) => name),
    documents: documents.length,
  };
}

/** One document, as YAML 1.2 and as YAML 1.1 have it. */
interface Leaf {
  readonly document: YamlDocument.Parsed;
  readonly older: YamlDocument.Parsed | undefined;
  readonly text: string;
  readonly file: string;
}

type Sorted =
  | { readonly kind: 'policy'; readonly policy: PolicyOnDisk }
  | { readonly kind: 'failure'; readonly failure: PolicyFailure }
  | { readonly kind: 'other'; readonly file: string }
  | { readonly kind: 'empty' };

function sortedOut({ document, older, text, file }: Leaf): Sorted {
  const read = readValue(document, text, file);
  if ('failure' in read) return { kind: 'failure', failure: read.failure };
  if (read.value === null) return { kind: 'empty' };
  if (fieldOf(read.value, 'kind') !== 'NetworkPolicy') return { kind: 'other', file };
  const failure = policyFailure(read.value, { document: older, text, file });
  if (failure !== undefined) return { kind: 'failure', failure };
  return { kind: 'policy', policy: { policy: read.value as NetworkPolicy, file } };
}

function policyFailure(
  value: unknown,
  older: { readonly document: YamlDocument.Parsed | undefined; readonly text: string; readonly file: string },
): PolicyFailure | undefined {
  const { document, text, file } = older;
  const detail = shapeless(value);
  if (detail !== undefined) return { code: 'policy_shapeless', file, detail };
  const asOlder = document === undefined ? undefined : readValue(document, text, file);
  const isSame = asOlder !== undefined && 'value' in asOlder && jsonText(asOlder.value) === jsonText(value);
  return isSame ? undefined : { code: 'ambiguous_value', file };
}
