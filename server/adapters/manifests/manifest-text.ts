import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  parseDocument,
  type Tags,
} from 'yaml';
import type { FieldPath, ManifestFault } from '#core/policy/cluster/manifest-problem.ts';
import { JsonPlaces, jsonPieces } from './json-pieces.ts';

/** One document of a file. */
export interface ManifestDocument {
  /** From 1; documents that hold nothing count too, as an editor's search for `---` would. */
  readonly number: number;
  readonly value: unknown;
  /** Line of the file, from 1, on which a field stands, or the innermost thing around it that does. */
  lineOf(path: FieldPath): number;
}

/** A document that can not be read. */
export interface TextFailure {
  /** Undefined when it is the whole file. */
  readonly number: number | undefined;
  readonly line: number;
  readonly fault: ManifestFault;
  readonly detail: string | undefined;
}

export interface ManifestText {
  readonly documents: readonly ManifestDocument[];
  readonly failures: readonly TextFailure[];
  /** Documents in the file, empty and unreadable ones too. */
  readonly count: number;
}

/** Aliases may not blow a document up. */
const MAX_ALIASES = 100;
const MAX_NESTING = 100;
/** Of one file, and of all files that are read into one cluster. */
export const MAX_DOCUMENTS = 5000;

/** What readers of YAML take for a line's end, or refuse, differently: one's comment is another's rule. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/;

/** Kubernetes reads YAML 1.1 (`yes` is true, `0644` is octal), but leaves dates and `1:30` as the text they are. */
const asKubernetes = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || !(tag.format === 'TIME' || tag.tag.endsWith(':timestamp')));

const YAML = { version: '1.1', schema: 'yaml-1.1', customTags: asKubernetes, logLevel: 'silent' } as const;

/** True when data is nested deeper than any manifest is; looks no deeper than that. */
function isTooDeep(value: unknown, left = MAX_NESTING): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((each) => isTooDeep(each, left - 1));
}

const startOf = (node: unknown): number | undefined => (node as Partial<Node> | null)?.range?.[0];

/** The child of a node under one step of a path, and the offset at which a reader would look for it. */
function childAt(
  node: unknown,
  step: string | number,
): { node: unknown; offset: number | undefined } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step];
    return item === undefined ? undefined : { node: item, offset: startOf(item) };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair && { node: pair.value, offset: startOf(pair.key) ?? startOf(pair.value) };
}

function offsetOf(document: Document, path: FieldPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? document.range?.[0] ?? 0;
  for (const step of path) {
    const child = childAt(node, step);
    if (child === undefined) break;
    node = child.node;
    offset = child.offset ?? offset;
  }
  return offset;
}

const firstLine = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');

const messageOf = (error: unknown): string =>
  firstLine(error instanceof Error ? error.message : String(error));

type Read = { readonly document: ManifestDocument } | { readonly failure: TextFailure } | undefined;

function checked(value: unknown, number: number, lineOf: (path: FieldPath) => number): Read {
  if (value === null || value === undefined) return undefined;
  if (!isTooDeep(value)) return { document: { number, value, lineOf } };
  return { failure: { number, line: lineOf([]), fault: 'nested_too_deep', detail: undefined } };
}

/** A part of a file's text that is parsed by itself, and how to tell the file's line from an offset in it. */
interface Part {
  readonly text: string;
  lineOf(offset: number): number;
}

function readYaml(document: Document.Parsed, number: number, { lineOf }: Part): Read {
  const placeOf = (path: FieldPath): number => lineOf(offsetOf(document, path));
  const [error] = document.errors;
  if (error !== undefined) {
    const line = lineOf(error.pos[0]);
    const isDeep = error.message.startsWith('Maximum call stack');
    if (isDeep) return { failure: { number, line, fault: 'nested_too_deep', detail: undefined } };
    return { failure: { number, line, fault: 'yaml_invalid', detail: firstLine(error.message) } };
  }
  try {
    return checked(document.toJS({ maxAliasCount: MAX_ALIASES }), number, placeOf);
  } catch (thrown) {
    return { failure: { number, line: placeOf([]), fault: 'yaml_invalid', detail: messageOf(thrown) } };
  }
}

/** Nothing but comments and directives: what may stand before the first document. */
const isPreamble = (text: string): boolean => text.split('\n').every((line) => /^\s*(?:[#%].*)?$/.test(line));

/**
 * Cuts a file at its `---` lines before anything is parsed, as kubectl does: a quote that nobody closes then costs its
 * own document and not all that follow.
 */
function yamlParts(text: string): readonly Part[] {
  const lineAt = lineFinder(text);
  const separators = [...text.matchAll(/^---[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/gm)];
  const starts = [0, ...separators.map(({ index, 0: separator }) => index + separator.length)];
  const ends = [...separators.map(({ index }) => index), text.length];
  const parts = starts.map((start, index) => ({
    text: text.slice(start, ends[index]),
    lineOf: (offset: number) => lineAt(start + offset),
  }));
  const [first] = parts;
  return first !== undefined && isPreamble(first.text) ? parts.slice(1) : parts;
}

const EMPTY: Read = undefined;

const TOO_MANY: readonly Read[] = [
  { failure: { number: undefined, line: 1, fault: 'too_many_documents', detail: undefined } },
];

function yamlText(text: string): readonly Read[] {
  const unsafe = text.search(UNSAFE);
  if (unsafe !== -1) {
    const code = (text.codePointAt(unsafe) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const line = lineFinder(text)(unsafe);
    return [{ failure: { number: undefined, line, fault: 'unsafe_character', detail: `U+${code}` } }];
  }
  const parts = yamlParts(text);
  if (parts.length > MAX_DOCUMENTS) return TOO_MANY;
  const reads: Read[] = [];
  for (const part of parts) {
    const documents = parseAllDocuments(part.text, YAML);
    if (!Array.isArray(documents) || documents.length === 0) reads.push(EMPTY);
    else for (const document of documents) reads.push(readYaml(document, reads.length + 1, part));
  }
  return reads;
}

/** The parser says where only for some faults; YAML's, which nearly contains JSON, then finds the place. */
function jsonFaultOffset(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (message.includes('end of JSON')) return text.length;
  return parseDocument(text, { logLevel: 'silent' }).errors[0]?.pos[0] ?? 0;
}

function readJson(text: string, number: number, line: (offset: number) => number): Read {
  const places = new JsonPlaces(text);
  try {
    const value: unknown = JSON.parse(text);
    return checked(value, number, (path) => line(places.offsetOf(path)));
  } catch (error) {
    const message = messageOf(error);
    const offset = jsonFaultOffset(text, message);
    return { failure: { number, line: line(offset), fault: 'json_invalid', detail: message } };
  }
}

/** Lines by offset, each line's begin found once. */
function lineFinder(text: string): (offset: number) => number {
  const lines = new LineCounter();
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  if (lines.lineStarts[0] !== 0) lines.lineStarts.unshift(0);
  return (offset) => lines.linePos(offset).line || 1;
}

function jsonText(text: string): readonly Read[] {
  const lineAt = lineFinder(text);
  const pieces = jsonPieces(text, MAX_DOCUMENTS + 1);
  if (pieces.length > MAX_DOCUMENTS) return TOO_MANY;
  return pieces.map((piece, index) =>
    readJson(piece.text, index + 1, (offset) => lineAt(piece.offset + offset)),
  );
}

const isFailure = (read: Read): boolean => read !== undefined && 'failure' in read;

/** JSON when it begins as an object does; YAML has flow mappings too, so what is no JSON may still be that. */
function readsOf(text: string, isJsonFile: boolean): readonly Read[] {
  if (!isJsonFile && !/^\s*\{/.test(text)) return yamlText(text);
  const reads = jsonText(text);
  return !isJsonFile && reads.some(isFailure) ? yamlText(text) : reads;
}

/** Reads all documents of one file's text. Never throws. */
export function parseManifestText(text: string, file: string): ManifestText {
  const reads = readsOf(text.replace(/^\ufeff/, ''), /\.json$/i.test(file));
  return {
    documents: reads.flatMap((read) => (read !== undefined && 'document' in read ? [read.document] : [])),
    failures: reads.flatMap((read) => (read !== undefined && 'failure' in read ? [read.failure] : [])),
    count: reads.length,
  };
}
