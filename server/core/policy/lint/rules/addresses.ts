import { parseIp, prefixOf } from '../../../net/ip.ts';
import { type AddressSpan, type Position, positionOf } from '../../fast/address-axis.ts';
import { portsCover } from '../covers.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import type { LintWorld } from '../lint-world.ts';
import type { ReadPeer, ReadRule } from '../read-policy.ts';
import { familyHeld } from './open-rules.ts';

interface BlockUse {
  readonly rule: ReadRule;
  readonly peer: ReadPeer;
  readonly cidr: string;
  readonly spans: readonly AddressSpan[];
}

const blockUses = (world: LintWorld): readonly BlockUse[] =>
  world.rules.flatMap((rule) =>
    rule.peers.flatMap((peer): readonly BlockUse[] => {
      const cidr = peer.written.ipBlock?.cidr;
      if (peer.term?.kind !== 'block' || typeof cidr !== 'string') return [];
      return [{ rule, peer, cidr, spans: peer.term.block.spans }];
    }),
  );

/** The block without its host bits; undefined when it has none. */
function masked(cidr: string): string | undefined {
  const [text = '', length = ''] = cidr.split('/');
  const ip = parseIp(text);
  // A mapped IPv4 block counts its bits from the front of IPv6.
  if (ip === undefined || (ip.family === 4 && text.includes(':'))) return undefined;
  const clean = prefixOf(ip, Number(length));
  return clean.startsWith(`${prefixOf(ip, ip.family === 4 ? 32 : 128).split('/')[0]}/`) ? undefined : clean;
}

const isSlash32OfIpv6 = (cidr: string): boolean => cidr.includes(':') && cidr.endsWith('/32');

/** Bits behind the prefix. */
export const cidrHostBits: LintRule = {
  id: 'cidr-host-bits',
  severity: 'warning',
  needs: 'policies',
  title: 'CIDR with bits behind its prefix',
  why: 'Bits behind the prefix are ignored, so the block is wider, or another one, than the address in it suggests.',
  check: (world) =>
    blockUses(world)
      .filter(({ cidr }) => !isSlash32OfIpv6(cidr))
      .flatMap(({ rule, peer, cidr }): readonly Draft[] => {
        const clean = masked(cidr);
        if (clean === undefined) return [];
        return [
          {
            about: rule.policy,
            field: `${peer.field}.ipBlock.cidr`,
            what: `${cidr} means ${clean}`,
            fix: `Write ${clean} if the block is meant, or the prefix of one address (/32, for IPv6 /128).`,
          },
        ];
      }),
};

/** An IPv4 habit on an IPv6 address. */
export const ipv6Slash32: LintRule = {
  id: 'ipv6-slash-32',
  severity: 'error',
  needs: 'policies',
  title: '/32 on an IPv6 address',
  why: 'One IPv6 address is /128; /32 is 2^96 addresses, what a whole provider is given.',
  check: (world) =>
    blockUses(world)
      .filter(({ cidr }) => isSlash32OfIpv6(cidr) && masked(cidr) !== undefined)
      .map(({ rule, peer, cidr }) => ({
        about: rule.policy,
        field: `${peer.field}.ipBlock.cidr`,
        what: `${cidr} means ${masked(cidr) ?? cidr}, not one address`,
        fix: `Write ${cidr.slice(0, -'/32'.length)}/128.`,
      })),
};

/** An exception that another entry takes back. */
export const exceptUndone: LintRule = {
  id: 'except-undone',
  severity: 'warning',
  needs: 'policies',
  title: 'except that another entry lets through',
  why: 'Entries and rules are alternatives: what one of them excepts, another may allow, and then it is allowed.',
  check: (world) =>
    blockUses(world).flatMap(({ rule, peer }): readonly Draft[] => {
      const written = peer.written.ipBlock?.except;
      const others = blockUsesOf(rule).filter((other) => other.peer !== peer);
      if (!Array.isArray(written) || others.length === 0) return [];
      return written.slice(0, MOST_EXCEPTIONS).flatMap((except: unknown, at): readonly Draft[] => {
        const hole = spanOf(except);
        const other =
          hole &&
          others.find(({ spans }) =>
            spans.some((span) => span.first <= hole.first && hole.last <= span.last),
          );
        if (other === undefined) return [];
        return [
          {
            about: rule.policy,
            field: `${peer.field}.ipBlock.except[${at}]`,
            what: `${String(except)} is excepted here and let through by ${other.cidr} (${other.peer.field})`,
            fix: 'Except it in the other entry too, or remove that entry.',
          },
        ];
      });
    }),
};

const MOST_EXCEPTIONS = 1000;

/** Blocks of the same policy and direction on at least the same ports. */
function blockUsesOf(rule: ReadRule): readonly BlockUse[] {
  return rule.policy.rules
    .filter(({ direction }) => direction === rule.direction)
    .filter(
      ({ portTerm }) =>
        portTerm !== undefined && rule.portTerm !== undefined && portsCover(portTerm, rule.portTerm),
    )
    .flatMap((each) =>
      each.peers.flatMap((peer): readonly BlockUse[] => {
        const cidr = peer.written.ipBlock?.cidr;
        if (peer.term?.kind !== 'block' || typeof cidr !== 'string') return [];
        return [{ rule: each, peer, cidr, spans: peer.term.block.spans }];
      }),
    );
}

function spanOf(cidr: unknown): AddressSpan | undefined {
  if (typeof cidr !== 'string') return undefined;
  const [text = '', length = ''] = cidr.split('/');
  const ip = parseIp(text);
  if (ip === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const first = positionOf(prefixOf(ip, Number(length)).split('/')[0]);
  if (first === undefined) return undefined;
  if (typeof first === 'number') return { first, last: first + 2 ** (32 - Number(length)) - 1 };
  return { first, last: first + (1n << BigInt(128 - Number(length))) - 1n };
}

/** Addresses somebody in the cluster has, ascending. */
interface KnownAddresses {
  readonly what: 'pods' | 'services' | 'nodes';
  readonly sorted: readonly Position[];
}

const sortedPositions = (ips: Iterable<string>): readonly Position[] =>
  [...new Set([...ips].map(positionOf))]
    .filter((position) => position !== undefined)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

function knownAddresses({ model }: LintWorld): readonly KnownAddresses[] {
  const pods = model.pods.map(({ pod }) => pod);
  return [
    {
      what: 'pods',
      sorted: sortedPositions(pods.filter(({ hostNetwork }) => !hostNetwork).flatMap(({ ips }) => ips)),
    },
    { what: 'services', sorted: sortedPositions(model.services.flatMap(({ clusterIps }) => clusterIps)) },
    {
      what: 'nodes',
      sorted: sortedPositions(pods.filter(({ hostNetwork }) => hostNetwork).flatMap(({ ips }) => ips)),
    },
  ];
}

/** How many of the addresses lie in the spans; two binary searches a span. */
function countWithin({ sorted }: KnownAddresses, spans: readonly AddressSpan[]): number {
  const firstAt = (least: Position): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? 0) < least) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return spans.reduce((sum, { first, last }) => {
    const next = typeof last === 'number' ? last + 1 : last + 1n;
    return sum + firstAt(next) - firstAt(first);
  }, 0);
}

const COUNTED: Readonly<Record<KnownAddresses['what'], string>> = {
  pods: 'pod addresses',
  services: 'Service addresses',
  nodes: 'node addresses',
};

/** What such a block does on this network: nothing, or more than it looks like. */
function effectOf(
  { profile }: LintWorld,
  what: KnownAddresses['what'],
): { readonly isNone: boolean; readonly text: string } {
  if (what === 'services')
    return {
      isNone: true,
      text: 'Service addresses are translated before most networks look at policies, so it matches none of them',
    };
  const matches = what === 'pods' ? profile.ipBlockMatchesPods : profile.ipBlockMatchesNodes;
  return matches
    ? {
        isNone: false,
        text: `on ${profile.name} a block matches them by address, whoever has that address today`,
      }
    : { isNone: true, text: `on ${profile.name} a block never matches ${what}` };
}

const isOneAddress = ({ cidr }: BlockUse): boolean => cidr.endsWith(cidr.includes(':') ? '/128' : '/32');

/** A block over addresses of the cluster itself. */
export const blockInsideCluster: LintRule = {
  id: 'block-inside-cluster',
  severity: 'warning',
  needs: 'workloads',
  title: 'ipBlock over addresses of the cluster',
  why: 'Blocks are meant for addresses outside; inside, networks differ in what they match, and addresses of pods are handed on.',
  check: (world) => {
    const known = knownAddresses(world);
    return blockUses(world)
      .filter(
        ({ peer, cidr }) => peer.term?.kind === 'block' && familyHeld(peer.term.block, cidr) === undefined,
      )
      .flatMap((use) =>
        known.flatMap((addresses): readonly Draft[] => {
          const count = countWithin(addresses, use.spans);
          if (count === 0) return [];
          const { isNone, text } = effectOf(world, addresses.what);
          return [
            {
              about: use.rule.policy,
              field: `${use.peer.field}.ipBlock`,
              severity: isOneAddress(use) && isNone ? 'warning' : 'info',
              what: `${use.cidr} holds ${count} known ${COUNTED[addresses.what]}; ${text}`,
              fix:
                addresses.what === 'nodes'
                  ? "Keep it for networks that match nodes by address, and say so in a comment; else use the network's own entities."
                  : 'Select the pods by their labels.',
            },
          ];
        }),
      );
  },
};

const OTHER = { IPv4: ['IPv6', '::/0'], IPv6: ['IPv4', '0.0.0.0/0'] } as const;

/** One family opened to everybody, the other forgotten. */
export const ipv6Gap: LintRule = {
  id: 'ipv6-gap',
  severity: 'warning',
  needs: 'workloads',
  title: 'all addresses of one family only, with dual-stack pods',
  why: 'IPv4 and IPv6 blocks never match each other: connections over the other family are denied, and clients try IPv6 first.',
  check: (world) => {
    const known = knownAddresses(world).flatMap(({ sorted }) => sorted);
    const isDual = known.some((at) => typeof at === 'bigint') && known.some((at) => typeof at === 'number');
    if (!isDual) return [];
    return world.rules.flatMap((rule) => {
      const whole = rule.peers.flatMap(({ term, written, field }) => {
        const family =
          term?.kind === 'block' ? wholeFamily(term.block.spans, written.ipBlock?.cidr) : undefined;
        return family === undefined ? [] : [{ family, field }];
      });
      const families = new Set(whole.map(({ family }) => family));
      const [only] = whole;
      if (families.size !== 1 || only === undefined) return [];
      const [other, cidr] = OTHER[only.family];
      return [
        {
          about: rule.policy,
          field: only.field,
          what: `pods here have addresses of both families, and the rule opens every ${only.family} address and no ${other} one`,
          fix: `Add an ipBlock for ${cidr}, with the exceptions that fit, or leave ${other} closed on purpose and ignore this.`,
        },
      ];
    });
  },
};

/** The family of a block of prefix length 0, exceptions or not. */
function wholeFamily(spans: readonly AddressSpan[], cidr: unknown): 'IPv4' | 'IPv6' | undefined {
  if (typeof cidr !== 'string' || !/\/0+$/.test(cidr) || spans.length === 0) return undefined;
  return typeof spans[0]?.first === 'number' ? 'IPv4' : 'IPv6';
}
