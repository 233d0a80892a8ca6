import { readFileSync } from 'node:fs';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { type AddressRange, addressText, rangeOfAddress } from '#core/policy/connections/address-range.ts';
import {
  type ConnectivityEnd,
  type ConnectivityRow,
  describeEnd,
} from '#core/policy/connections/connectivity.ts';
import { ALL_PORTS, type PortSet, portSetKey, portSetOf } from '#core/policy/connections/port-set.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { CniProfile, PolicyProtocol } from '#core/policy/world.ts';
import { recording } from '../../support/recordings.ts';

interface SuiteIndex {
  readonly connlist: readonly string[];
  readonly diff: readonly string[];
  readonly malformed: readonly string[];
}

/** The cases of the suite by what they are about. */
export const readSuite = (): SuiteIndex =>
  JSON.parse(readFileSync(recording('netpol', 'np-guard', 'INDEX.json'), 'utf8')) as SuiteIndex;

export const caseFolder = (name: string): string => recording('netpol', 'np-guard', 'tests', name);

/** np-guard never holds an ipBlock against a pod. */
export const NP_GUARD_PROFILE: CniProfile = { ...KUBERNETES_PROFILE, ipBlockMatchesPods: false };

/** np-guard reads a pod on its node's network as any other pod. */
export const asNpGuardReads = (model: ClusterModel): ClusterModel => ({
  ...model,
  pods: model.pods.map((each) => ({ ...each, pod: { ...each.pod, hostNetwork: false } })),
});

/** One fact, an external end as a range: what both formats are brought to. */
interface Fact {
  readonly from: string | AddressRange;
  readonly to: string | AddressRange;
  readonly ports: PortSet;
}

/** `TCP 80,8000-8080,UDP 53` as a set. */
export function parsePorts(text: string): PortSet {
  if (text === 'All Connections') return ALL_PORTS;
  let protocol: PolicyProtocol = 'TCP';
  return portSetOf(
    text.split(',').map((part) => {
      const [, named, first = '', last = first] = /^(?:([A-Z]+) )?(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      protocol = (named as PolicyProtocol | undefined) ?? protocol;
      return { protocol, from: Number(first), to: Number(last) };
    }),
  );
}

/** A workload by its text, an external end as its range. */
export function parseEnd(text: string): string | AddressRange {
  const [, first, last] = /^([\d.]+)-([\d.]+)\[External\]$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return text;
  const [low, high] = [rangeOfAddress(first), rangeOfAddress(last)];
  if (low === undefined || high === undefined) throw new Error(`no range: ${text}`);
  return { ...low, last: high.last };
}

/** The rows of one expected list that policies decide; what the ingress controller may do is another question. */
export function expectedFacts(name: string): readonly Fact[] {
  const path = recording('netpol', 'np-guard', 'expected', 'connlist', `${name}_connlist_output.txt`);
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .map((row) => row.trim());
  return rows
    .filter((row) => row !== '' && !row.startsWith('{ingress-controller}'))
    .map((row) => {
      const [, from, to, ports] = /^(\S+) => (\S+) : (.+)$/.exec(row) ?? [];
      if (from === undefined || to === undefined || ports === undefined) throw new Error(`no row: ${row}`);
      return { from: parseEnd(from), to: parseEnd(to), ports: parsePorts(ports) };
    });
}

/** np-guard calls an owner without a kind a Pod. */
export const endAsNpGuard = (end: ConnectivityEnd): string | AddressRange =>
  end.kind === 'external' ? end.range : describeEnd(end).replace(/\[unknown\]$/, '[Pod]');

/** Our rows as np-guard has them: IPv4 alone, and no word about the replicas of one workload. */
export function factsOf(rows: readonly ConnectivityRow[]): readonly Fact[] {
  return rows
    .map(({ from, to, ports }) => ({ from: endAsNpGuard(from), to: endAsNpGuard(to), ports }))
    .filter(({ from, to }) => typeof from !== 'string' || from !== to)
    .filter((fact) => [fact.from, fact.to].every((end) => typeof end === 'string' || end.family === 'IPv4'));
}

/** `0.0.0.0-9.255.255.255`. */
export const rangeText = ({ family, first, last }: AddressRange): string =>
  `${addressText(family, first)}-${addressText(family, last)}`;

/** One text per fact, sorted; ranges side by side with the same answer are one, however a format cuts them. */
export function canonical(facts: readonly Fact[]): readonly string[] {
  const lines: string[] = [];
  const outside = new Map<string, AddressRange[]>();
  for (const { from, to, ports } of facts) {
    const [fromText, toText] = [from, to].map((end) => (typeof end === 'string' ? end : 'EXTERNAL'));
    const text = `${fromText} => ${toText} : ${portSetKey(ports)}`;
    const range = [from, to].find((end) => typeof end !== 'string');
    if (range === undefined || typeof range === 'string') lines.push(text);
    else outside.set(text, [...(outside.get(text) ?? []), range]);
  }
  for (const [text, ranges] of outside) {
    lines.push(text.replace('EXTERNAL', joinedRanges(ranges).map(rangeText).join(' ')));
  }
  return lines.sort();
}

/** Ranges of one answer; those that overlap or lie side by side are one. */
export function joinedRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const joined: AddressRange[] = [];
  for (const range of [...ranges].sort((a, b) => (a.first < b.first ? -1 : 1))) {
    const last = joined.at(-1);
    if (last !== undefined && range.first <= last.last + 1n) {
      joined[joined.length - 1] = { ...last, last: range.last > last.last ? range.last : last.last };
    } else joined.push(range);
  }
  return joined;
}
