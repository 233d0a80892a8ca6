import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { observerFaults, type serveObserver } from '../../collector/main.ts';
import { UsageError } from './terminal.ts';

/** What the server is given. */
type Served = Parameters<typeof serveObserver>[0];

/** The command's options as they were typed. */
export interface SimulateOptions {
  readonly serve?: string;
  readonly output?: string;
  readonly seed: number;
  readonly minutes?: number;
  readonly workloads?: number;
  readonly rate?: number;
  readonly backlog?: number;
  readonly speed?: number;
  readonly file?: readonly string[];
  readonly now?: boolean;
  readonly agent?: boolean;
  readonly serverVersion?: string;
  readonly maxFlows?: number;
  readonly fault?: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly truth?: string;
  readonly json?: boolean;
}

/** A whole number, 0 included. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** A whole number above 0. */
export function countingNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be above 0.');
  return value;
}

/** Any number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** A length of time, as in `90s` or `2h`, in milliseconds. */
export function spanMs(text: string): number {
  const span = observerFaults.parseSpan(text);
  if (span === undefined || span < 0) throw new InvalidArgumentError('Write it as in 90s, 5m or 2h.');
  return span;
}

/** Collects an option that may be given more than once. */
export const repeated = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
];

const WITH_SERVE = [
  ['rate', '--rate'],
  ['backlog', '--backlog'],
  ['speed', '--speed'],
  ['file', '--file'],
  ['now', '--now'],
  ['agent', '--agent'],
  ['serverVersion', '--server-version'],
  ['maxFlows', '--max-flows'],
  ['fault', '--fault'],
  ['tlsCert', '--tls-cert'],
  ['tlsKey', '--tls-key'],
  ['tlsClientCa', '--tls-client-ca'],
  ['truth', '--truth'],
] as const;

const OF_SIMULATIONS = [
  ['workloads', '--workloads'],
  ['rate', '--rate'],
  ['backlog', '--backlog'],
  ['minutes', '--minutes'],
  ['truth', '--truth'],
] as const;

function refuseAny(
  options: SimulateOptions,
  names: readonly (readonly [keyof SimulateOptions, string])[],
  why: string,
): void {
  const given = names.find(([name]) => options[name] !== undefined);
  if (given !== undefined) throw new UsageError(`${given[1]} ${why}`);
}

/** Throws a {@link UsageError} for options that make no sense together. */
export function checkOptions(options: SimulateOptions): void {
  const { serve, output, workloads, file, rate, now } = options;
  if ((serve === undefined) === (output === undefined)) {
    throw new UsageError('say where the flows go: --serve 127.0.0.1:4245, or -o with a file.');
  }
  if (output !== undefined) refuseAny(options, WITH_SERVE, 'goes with --serve only.');
  if (file !== undefined)
    refuseAny(options, OF_SIMULATIONS, 'is about simulated flows and does not go with --file.');
  if (now === true && file === undefined) throw new UsageError('--now moves the times of a --file.');
  if (rate !== undefined && workloads === undefined) {
    throw new UsageError('--rate needs --workloads: the demo shop has its own pace, which --speed quickens.');
  }
  if (workloads !== undefined && (workloads < 10 || workloads > 10_000)) {
    throw new UsageError('--workloads must be between 10 and 10000.');
  }
  if (output === '-' && options.json === true) throw new UsageError('--json needs -o with a file.');
}

/** `127.0.0.1:4245`, `[::1]:4245` or `:4245` for every address. Throws a {@link UsageError}. */
export function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) {
    throw new UsageError(`--serve ${text} is no address: write it as in 127.0.0.1:4245.`);
  }
  return { host: bracketed ?? (plain || '0.0.0.0'), port };
}

async function pemOf(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} ${path} can not be read: ${(error as Error).message}`);
  }
}

/** Reads the certificates that were named; undefined without any. Throws a {@link UsageError}. */
export async function readTls(options: SimulateOptions): Promise<Served['tls']> {
  const { tlsCert, tlsKey, tlsClientCa } = options;
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError('TLS needs both --tls-cert and --tls-key.');
  }
  return {
    cert: await pemOf(tlsCert, '--tls-cert'),
    key: await pemOf(tlsKey, '--tls-key'),
    clientCa: tlsClientCa === undefined ? undefined : await pemOf(tlsClientCa, '--tls-client-ca'),
  };
}

/** Reads the faults that were asked for. Throws a {@link UsageError} that names those there are. */
export function faultsOf({ fault = [] }: SimulateOptions): NonNullable<Served['faults']> {
  if (fault.length === 0) return {};
  const parsed = observerFaults.parse(fault.join(','));
  if (!parsed.ok) throw new UsageError(`--fault: ${parsed.error}`);
  return parsed.value;
}
