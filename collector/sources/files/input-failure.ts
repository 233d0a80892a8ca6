/** Why an input could not be read, or not to its end. */
export const INPUT_FAILURES = [
  'not_found',
  'not_readable',
  'empty',
  'no_exports_in_folder',
  'no_match',
  'binary',
  'utf16',
  'gzip_damaged',
  'gzip_bomb',
  'read_failed',
] as const;
export type InputFailureCode = (typeof INPUT_FAILURES)[number];

export interface InputFailure {
  readonly code: InputFailureCode;
  /** What the user named, or the file found below it; `-` is standard input. */
  readonly input: string;
  /** The system's own word for it (`EISDIR`), where that helps. */
  readonly detail?: string;
}

const nameOf = (input: string): string => (input === '-' ? 'standard input' : input);

const SENTENCES: Readonly<Record<InputFailureCode, (name: string) => string>> = {
  not_found: (name) => `${name} does not exist.`,
  not_readable: (name) => `${name} can not be opened: permission denied.`,
  empty: (name) => `${name} is empty: there is nothing to read in it.`,
  no_exports_in_folder: (name) =>
    `${name} holds no flow export (looked for .json, .jsonl, .ndjson and .log files, also with .gz).`,
  no_match: (name) => `${name} matches no file.`,
  binary: (name) => `${name} is not text: a flow export is JSON lines, plain or gzip-compressed.`,
  utf16: (name) => `${name} is UTF-16 text: save it as UTF-8 and try again.`,
  gzip_damaged: (name) =>
    `${name} is a damaged or unfinished gzip file; what could be read before the damage was used.`,
  gzip_bomb: (name) =>
    `${name} unpacks to far more than any flow export does; reading stopped, and what came before was used.`,
  read_failed: (name) => `${name} could not be read to its end.`,
};

/** One clear sentence for a person. The name is as given: escape it for the place where it is shown. */
export function describeInputFailure(failure: InputFailure): string {
  const sentence = SENTENCES[failure.code](nameOf(failure.input));
  return failure.detail === undefined ? sentence : `${sentence.slice(0, -1)} (${failure.detail}).`;
}

/** The failure behind an error of the file system. */
export function failureOf(error: unknown, input: string): InputFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { code: 'not_found', input };
  if (code === 'EACCES' || code === 'EPERM') return { code: 'not_readable', input };
  return code === undefined ? { code: 'read_failed', input } : { code: 'read_failed', input, detail: code };
}
