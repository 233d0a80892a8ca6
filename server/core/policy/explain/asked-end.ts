import { ENTITIES, type Entity } from '#core/identity/peer.ts';
import { formatIp, parseIp } from '#core/net/ip.ts';
import { sortedText } from '#core/order.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { cidrsOf } from '../certify/policy-facts.ts';
import {
  addressText,
  cidrOfRange,
  describeRange,
  elementaryRanges,
  rangeOfCidr,
} from '../connections/address-range.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Endpoint } from '../world.ts';
import type { Population, Resident } from './population.ts';

/** An end as somebody asked for it. */
export type AskedEnd =
  | {
      readonly kind: 'pods';
      readonly text: string;
      /** Of one workload unless one pod was named by its name, or an address that several had. */
      readonly residents: readonly Resident[];
      /** True when the workload is meant, false when one of its pods is. */
      readonly isWorkload: boolean;
    }
  | {
      readonly kind: 'outside';
      readonly text: string;
      /** Each stands for all that the policies can not tell from it. */
      readonly endpoints: readonly { readonly text: string; readonly endpoint: Endpoint }[];
      /** Set when a whole CIDR was asked for. */
      readonly block: string | undefined;
    };

/** Why nobody is meant by a text. `similar` are names that exist. */
export type AskedEndFailure =
  | { readonly code: 'no_end'; readonly text: string }
  | { readonly code: 'nobody_there'; readonly text: string; readonly similar: readonly string[] }
  /** Workloads of one name and several kinds: say which. */
  | { readonly code: 'several_kinds'; readonly text: string; readonly similar: readonly string[] };

const isEntity = (text: string): text is Entity => ENTITIES.some((entity) => entity === text);

const MOST_SIMILAR = 3;

/** Names that may have been meant: the same name elsewhere, or one that holds the other. */
function similarTo(namespace: string, name: string, { residents }: Population): readonly string[] {
  const near = residents.filter(
    (each) =>
      each.name === name ||
      (each.namespace === namespace && (each.name.includes(name) || name.includes(each.name))),
  );
  return sortedText(new Set(near.map(({ text }) => text))).slice(0, MOST_SIMILAR);
}

function namedEnd(text: string, population: Population): Result<AskedEnd, AskedEndFailure> {
  const [, namespace = '', name = '', kind] = /^([^/]+)\/([^/[\]]+)(?:\[([A-Za-z]+)\])?$/.exec(text) ?? [];
  if (name === '') return failed({ code: 'no_end', text });
  const wanted = kind === undefined ? undefined : `${namespace}/${name}[${kind}]`;
  const { residents } = population;
  const own = residents.filter((each) => each.namespace === namespace && !each.isForeign);
  const workload = own.filter((each) => each.name === name && (wanted === undefined || each.text === wanted));
  const texts = sortedText(new Set(workload.map((each) => each.text)));
  if (texts.length > 1) return failed({ code: 'several_kinds', text, similar: texts });
  const [only] = texts;
  if (only !== undefined) return ok({ kind: 'pods', text: only, residents: workload, isWorkload: true });
  const pod = wanted === undefined ? own.filter((each) => each.pod.name === name) : [];
  if (pod.length > 0) return ok({ kind: 'pods', text, residents: pod, isWorkload: false });
  return failed({ code: 'nobody_there', text, similar: similarTo(namespace, name, population) });
}

/** An address that is a pod's is that pod. */
function addressEnd(text: string, { residents }: Population): AskedEnd | undefined {
  const ip = parseIp(text);
  if (ip === undefined) return undefined;
  const canonical = formatIp(ip);
  const isTheirs = (each: Resident): boolean =>
    !each.isForeign &&
    each.pod.ips.some((own) => {
      const parsed = parseIp(own);
      return parsed !== undefined && formatIp(parsed) === canonical;
    });
  const own = residents.filter(isTheirs);
  if (own.length > 0) {
    const names = sortedText(new Set(own.map(({ pod }) => `${pod.namespace}/${pod.name}`)));
    return { kind: 'pods', text: `${canonical} (${names.join(', ')})`, residents: own, isWorkload: false };
  }
  const endpoint: Endpoint = { kind: 'address', ip: canonical };
  return { kind: 'outside', text: canonical, endpoints: [{ text: canonical, endpoint }], block: undefined };
}

/** A block of addresses outside the cluster, cut where a policy tells two of them apart. */
function blockEnd(text: string, policies: readonly NetworkPolicy[]): AskedEnd | undefined {
  const whole = rangeOfCidr(text);
  if (whole === undefined) return undefined;
  const cidr = cidrOfRange(whole) ?? text;
  const cuts = policies.flatMap((policy) => [...cidrsOf(policy, 'ingress'), ...cidrsOf(policy, 'egress')]);
  const ranges = elementaryRanges([cidr, ...cuts]).filter(
    (range) => range.family === whole.family && range.first >= whole.first && range.last <= whole.last,
  );
  const endpoints = ranges.map((range) => ({
    text: describeRange(range),
    endpoint: { kind: 'address' as const, ip: addressText(range.family, range.first) },
  }));
  return { kind: 'outside', text: cidr, endpoints, block: cidr };
}

/**
 * Reads an end: `namespace/workload`, `namespace/workload[Kind]`, `namespace/pod`, an address, a CIDR, or an entity
 * such as `kube-apiserver`. An address of a known pod means the pod; a CIDR means addresses outside the cluster.
 */
export function parseAskedEnd(
  text: string,
  population: Population,
  policies: readonly NetworkPolicy[],
): Result<AskedEnd, AskedEndFailure> {
  if (isEntity(text)) {
    const endpoints = [{ text, endpoint: { kind: 'entity' as const, entity: text } }];
    return ok({ kind: 'outside', text, endpoints, block: undefined });
  }
  const end = addressEnd(text, population) ?? blockEnd(text, policies);
  return end === undefined ? namedEnd(text, population) : ok(end);
}
