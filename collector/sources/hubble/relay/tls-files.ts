import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { failed, ok, type Result } from '#core/result.ts';

/** How a TLS connection is made; the files are read again whenever one is, since certificates rotate. */
export interface TlsSettings {
  /** PEM files; the system's own authorities without one. */
  readonly caFiles: readonly string[];
  readonly clientCertFile: string | undefined;
  readonly clientKeyFile: string | undefined;
  /** The name that the server's certificate must have, where that is not the host's. */
  readonly serverName: string | undefined;
  /** Take any certificate. Never without being asked, and never without saying so. */
  readonly allowInsecure: boolean;
}

export const TLS_DEFAULTS: TlsSettings = {
  caFiles: [],
  clientCertFile: undefined,
  clientKeyFile: undefined,
  serverName: undefined,
  allowInsecure: false,
};

export interface TlsMaterial {
  readonly ca: readonly string[] | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

const MAX_PEM_BYTES = 1024 * 1024;
const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;

const filesOf = ({ caFiles, clientCertFile, clientKeyFile }: TlsSettings): readonly string[] =>
  [...caFiles, clientCertFile, clientKeyFile].filter((file) => file !== undefined);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'can not be read: permission denied',
  EPERM: 'can not be read: permission denied',
};

function unreadable(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return `${file} ${REASONS[code] ?? `can not be read (${code})`}.`;
}

/** TLS passes over what it can not read, and then trusts nobody. */
function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined;
  } catch {
    return false;
  }
}

async function pem(file: string, wanted: RegExp): Promise<Result<string, string>> {
  try {
    const { size } = await stat(file);
    if (size > MAX_PEM_BYTES) return failed(`${file} is too large for a PEM file.`);
    const text = await readFile(file, 'utf8');
    const what = wanted === PRIVATE_KEY ? 'private key' : 'certificate';
    const isUsable = wanted.test(text) && (wanted === PRIVATE_KEY || isCertificate(text));
    return isUsable ? ok(text) : failed(`${file} holds no ${what} in PEM form.`);
  } catch (error) {
    return failed(unreadable(file, error));
  }
}

async function optional(
  file: string | undefined,
  wanted: RegExp,
): Promise<Result<string | undefined, string>> {
  return file === undefined ? ok(undefined) : pem(file, wanted);
}

/** Reads the files as they are now. The error is one sentence that names the file. */
export async function readTlsMaterial(settings: TlsSettings): Promise<Result<TlsMaterial, string>> {
  const { caFiles, clientCertFile, clientKeyFile } = settings;
  if ((clientCertFile === undefined) !== (clientKeyFile === undefined)) {
    return failed('--tls-client-cert-file and --tls-client-key-file belong together: name both.');
  }
  const ca: string[] = [];
  for (const file of caFiles) {
    const read = await pem(file, CERTIFICATE);
    if (!read.ok) return read;
    ca.push(read.value);
  }
  const cert = await optional(clientCertFile, CERTIFICATE);
  if (!cert.ok) return cert;
  const key = await optional(clientKeyFile, PRIVATE_KEY);
  if (!key.ok) return key;
  return ok({ ca: ca.length === 0 ? undefined : ca, cert: cert.value, key: key.value });
}

/** Changes when one of the files is another one than before, or was written to; a missing file is a state too. */
export async function tlsFilesMark(settings: TlsSettings): Promise<string> {
  const marks: string[] = [];
  for (const file of filesOf(settings)) {
    try {
      const { ino, size, mtimeMs } = await stat(file); // follows the links that Kubernetes swaps on rotation
      marks.push(`${ino} ${size} ${mtimeMs}`);
    } catch {
      marks.push('-');
    }
  }
  return marks.join('|');
}
