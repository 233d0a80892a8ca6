import { hasBit } from '../../fast/bits.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import type { LintWorld } from '../lint-world.ts';
import type { PodGroup } from '../pod-groups.ts';
import { factsOfNetwork } from '../profile-facts.ts';
import type { ReadPeer, ReadRule } from '../read-policy.ts';

/** More ports in a rule than the network takes. */
export const tooManyPorts: LintRule = {
  id: 'too-many-ports',
  severity: 'error',
  needs: 'policies',
  title: 'more ports in a rule than the network takes',
  why: 'The network refuses the policy as a whole, and the API server says nothing of it: its pods stay as they were.',
  check: (world) => {
    const { portsPerRule, title } = factsOfNetwork(world.profile);
    if (portsPerRule === undefined) return [];
    return world.rules
      .filter(({ ports }) => ports.length > portsPerRule)
      .map(({ policy, field, ports }) => ({
        about: policy,
        field: `${field}.ports`,
        what: `${ports.length} entries, and ${title} takes ${portsPerRule} a rule`,
        fix: 'Split the rule in several with the same peers, or write neighbouring ports as a range with endPort.',
      }));
  },
};

/** Ranges a network takes for single ports. */
export const endPortIgnored: LintRule = {
  id: 'end-port-ignored',
  severity: 'info',
  needs: 'policies',
  title: 'port range on a network that may ignore endPort',
  why: 'Where endPort is ignored only the first port of the range is open, and nothing says so.',
  check: (world) => {
    const { endPort } = factsOfNetwork(world.profile);
    if (endPort === undefined) return [];
    return world.rules.flatMap((rule) =>
      rule.ports
        .filter(({ written }) => typeof written.endPort === 'number' && written.endPort !== written.port)
        .map(({ field, written }) => ({
          about: rule.policy,
          field: `${field}.endPort`,
          what: `${String(written.port)} to ${String(written.endPort)}: ${endPort}`,
          fix: 'Check the release of the network, or list the ports one by one.',
        })),
    );
  },
};

/** SCTP on a network that has to be told. */
export const sctpUnsupported: LintRule = {
  id: 'sctp-off',
  severity: 'warning',
  needs: 'policies',
  title: 'SCTP rule on a network where SCTP is off by default',
  why: 'The rule isolates its pods all the same, and nothing of SCTP gets through.',
  check: (world) => {
    const { sctp } = factsOfNetwork(world.profile);
    if (sctp === undefined) return [];
    return world.rules.flatMap((rule) =>
      rule.ports
        .filter(({ written }) => written.protocol === 'SCTP')
        .map(({ field }) => ({
          about: rule.policy,
          field: `${field}.protocol`,
          what: sctp,
          fix: 'Switch SCTP on in the network, and turn this rule off once it is.',
        })),
    );
  },
};

/** Prefixes it takes to write a block without its exceptions: each cuts one prefix a bit out of it. */
function prefixesOf({ written }: ReadPeer): number {
  const { cidr, except } = written.ipBlock ?? {};
  const lengthOf = (text: unknown): number => Number(String(text).split('/')[1]) || 0;
  const holes = Array.isArray(except) ? except : [];
  return (
    1 + holes.reduce((sum: number, hole: unknown) => sum + Math.max(1, lengthOf(hole) - lengthOf(cidr)), 0)
  );
}

/** Aligned blocks it takes to write a range of ports; at most 2 × 16. */
function portEntries(first: number, last: number): number {
  let [at, count] = [first, 0];
  while (at <= last && count < 64) {
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 - 1 <= last) size *= 2;
    at += size;
    count += 1;
  }
  return count;
}

const portsIn = ({ ports }: ReadRule): number =>
  ports.length === 0
    ? 1
    : ports.reduce((sum, { written: { port, endPort } }) => {
        const isRange = typeof port === 'number' && typeof endPort === 'number' && endPort <= 65_535;
        return sum + (isRange ? portEntries(port, endPort) : 1);
      }, 0);

function peersIn(world: LintWorld, rule: ReadRule): number {
  if (rule.isForAnyone) return 1;
  return rule.peers.reduce((sum, peer) => {
    if (peer.term?.kind === 'block') return sum + prefixesOf(peer);
    if (peer.term?.kind !== 'pods') return sum;
    const groups = world.groupsOf(world.peersOf(peer.term));
    return sum + groups.reduce((count, { identities }) => count + identities, 0);
  }, 0);
}

interface Estimate {
  readonly group: PodGroup;
  readonly entries: number;
  /** The rule with the most. */
  readonly worst: ReadRule;
}

function estimateOf(
  group: PodGroup,
  rules: readonly ReadRule[],
  sizes: ReadonlyMap<ReadRule, number>,
): Estimate | undefined {
  const [first, ...rest] = rules;
  if (first === undefined) return undefined;
  const size = (rule: ReadRule): number => sizes.get(rule) ?? 0;
  const worst = rest.reduce((most, rule) => (size(rule) > size(most) ? rule : most), first);
  return { group, entries: rules.reduce((sum, rule) => sum + size(rule), 0), worst };
}

/** The table of a pod that overflows. */
export const mapSize: LintRule = {
  id: 'policy-map-size',
  severity: 'warning',
  needs: 'workloads',
  title: "more entries than the network's table of a pod holds",
  why: "Each peer's identity or prefix on each port is an entry; what does not fit is not installed, and connections are dropped that the policy allows.",
  check: (world) => {
    const { mapEntries, title } = factsOfNetwork(world.profile);
    if (mapEntries === undefined) return [];
    const sizes = new Map(world.rules.map((rule) => [rule, peersIn(world, rule) * portsIn(rule)]));
    const estimates = world.index.groups.flatMap((group) => {
      const own = world
        .policiesIn(group.namespace)
        .filter((policy) => hasBit(world.subjectsOf(policy), group.id));
      return (
        estimateOf(
          group,
          own.flatMap(({ rules }) => rules),
          sizes,
        ) ?? []
      );
    });
    const over = new Map<ReadRule, Estimate>();
    for (const estimate of estimates.filter(({ entries }) => entries > mapEntries)) {
      if ((over.get(estimate.worst)?.entries ?? 0) < estimate.entries) over.set(estimate.worst, estimate);
    }
    return [...over.values()].map(
      ({ group, entries, worst }): Draft => ({
        about: worst.policy,
        field: worst.field,
        what: `about ${entries} entries for ${world.describeGroups([group])}, and ${title} holds ${mapEntries} unless told otherwise; this rule has the most`,
        fix: 'Select peers by fewer labels or by namespace, write ports as aligned ranges, merge neighbouring blocks, or raise bpf.policyMapMax.',
      }),
    );
  },
};
