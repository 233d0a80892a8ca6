import { Option } from 'commander';
import {
  DEFAULT_TLS,
  exportsToFollow,
  type FollowedSet,
  type RelayTarget,
  relayAddress,
  type TlsSettings,
} from '../../collector/main.ts';
import { listed } from './reading.ts';
import { printable, UsageError } from './terminal.ts';

/** What the command line says of servers to follow. */
export interface RelayFlags {
  readonly hubble?: readonly string[];
  readonly tls?: true;
  readonly tlsCaCertFiles?: readonly string[];
  readonly tlsClientCertFile?: string;
  readonly tlsClientKeyFile?: string;
  readonly tlsServerName?: string;
  readonly tlsAllowInsecure?: true;
}

type Env = Readonly<Record<string, string | undefined>>;

const commaList = (text: string): readonly string[] => text.split(',').filter((part) => part !== '');

const listedFiles = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...commaList(value),
];

/** The options by which servers are named; the names are those of Hubble's own client. */
export const relayFlagOptions = (): readonly Option[] => [
  new Option(
    '--hubble <address>',
    'follow a Hubble server: host:port, tls://host:port or unix:///path (repeatable)',
  ).argParser<readonly string[] | undefined>(listed),
  new Option('--tls', 'use TLS with every server that --hubble names'),
  new Option(
    '--tls-ca-cert-files <files>',
    'PEM files of the CA, separated by commas (repeatable)',
  ).argParser<readonly string[] | undefined>(listedFiles),
  new Option('--tls-client-cert-file <file>', 'PEM file of the client certificate'),
  new Option('--tls-client-key-file <file>', 'PEM file of its private key'),
  new Option(
    '--tls-server-name <name>',
    'the name in the server certificate, where it is not the host; for Relay: instance.hubble-relay.cilium.io',
  ),
  new Option('--tls-allow-insecure', 'take any server certificate; the page then says so'),
];

const isOn = (text: string | undefined): boolean => /^(?:1|t|true|yes|on)$/i.test(text ?? '');

function tlsOf(flags: RelayFlags, env: Env): TlsSettings {
  const caFiles = flags.tlsCaCertFiles ?? commaList(env['TLS_RELAY_CA_CERT_FILES'] ?? '');
  const settings: TlsSettings = {
    ...DEFAULT_TLS,
    caFiles,
    clientCertFile: flags.tlsClientCertFile ?? (env['TLS_RELAY_CLIENT_CERT_FILE'] || undefined),
    clientKeyFile: flags.tlsClientKeyFile ?? (env['TLS_RELAY_CLIENT_KEY_FILE'] || undefined),
    serverName: flags.tlsServerName ?? (env['TLS_RELAY_SERVER_NAME'] || undefined),
    allowInsecure: flags.tlsAllowInsecure === true,
  };
  if ((settings.clientCertFile === undefined) !== (settings.clientKeyFile === undefined)) {
    throw new UsageError('--tls-client-cert-file and --tls-client-key-file belong together: name both.');
  }
  return settings;
}

/** TLS is asked for by an option that is of no use without it. */
const hasTlsOptions = (flags: RelayFlags): boolean =>
  flags.tlsCaCertFiles !== undefined ||
  flags.tlsClientCertFile !== undefined ||
  flags.tlsServerName !== undefined ||
  flags.tlsAllowInsecure === true;

/**
 * The servers that the command line names, or else the environment (`FLOWS_API_ADDR` and `TLS_RELAY_…`, as Hubble's
 * own UI has them); empty when neither does. Throws a {@link UsageError} for what can not be one.
 */
export function relayTargets(flags: RelayFlags, env: Env): readonly RelayTarget[] {
  const fromEnv = commaList(env['FLOWS_API_ADDR'] ?? '');
  const addresses = flags.hubble ?? fromEnv;
  if (addresses.length === 0) {
    if (hasTlsOptions(flags)) throw new UsageError('--tls options need a server: name it with --hubble.');
    return [];
  }
  const all = parsedTargets(addresses, flags, env);
  if (hasTlsOptions(flags) && !all.some(({ address }) => address.isTls)) {
    throw new UsageError(
      'the --tls options have no effect on a server without TLS: write its address as tls://host:port, or add --tls.',
    );
  }
  return all;
}

function parsedTargets(addresses: readonly string[], flags: RelayFlags, env: Env): readonly RelayTarget[] {
  const tls = tlsOf(flags, env);
  const withTls = flags.tls === true || isOn(env['TLS_TO_RELAY_ENABLED']) ? 'tls' : 'as-written';
  const targets = new Map<string, RelayTarget>();
  for (const text of addresses) {
    const name = flags.hubble === undefined ? 'FLOWS_API_ADDR' : '--hubble';
    const parsed = relayAddress(text, withTls);
    if (!parsed.ok) throw new UsageError(`${name} ${printable(text.slice(0, 100))}: ${parsed.error}`);
    targets.set(parsed.value.text, { address: parsed.value, tls });
  }
  return [...targets.values()];
}

/** The exports that `--file` with `--follow` names. Throws a {@link UsageError} for what can not be followed. */
export async function followedExports(names: readonly string[]): Promise<readonly FollowedSet[]> {
  const { sets, problems } = await exportsToFollow(names);
  if (problems.length > 0) throw new UsageError(problems.map(printable).join(' '));
  return sets;
}
