import { describeWorkload } from '../../cluster/cluster-model.ts';
import { hasBit } from '../../fast/bits.ts';
import type { PolicyProtocol } from '../../world.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import type { LintWorld } from '../lint-world.ts';
import type { PodGroup } from '../pod-groups.ts';
import type { ReadPolicy, ReadRule } from '../read-policy.ts';
import {
  letsReachNodeLocal,
  letsResolve,
  NODE_LOCAL_ADDRESS,
  type Resolvers,
  resolversOf,
} from '../resolvers.ts';

/** Pods whose egress the same policies limit, and which may connect somewhere. */
interface Limited {
  readonly policies: readonly ReadPolicy[];
  readonly rules: readonly ReadRule[];
  readonly groups: readonly PodGroup[];
}

const LIMITED = new WeakMap<LintWorld, readonly Limited[]>();

function limitedOf(world: LintWorld): readonly Limited[] {
  const known = LIMITED.get(world);
  if (known !== undefined) return known;
  const bySet = new Map<string, { policies: readonly ReadPolicy[]; groups: PodGroup[] }>();
  for (const group of world.index.groups.filter(({ hostNetwork }) => !hostNetwork)) {
    const own = world.policiesIn(group.namespace);
    const policies = own.filter(
      (policy) => policy.isolates.egress && hasBit(world.subjectsOf(policy), group.id),
    );
    if (policies.length === 0) continue;
    const key = `${group.namespace} ${policies.map((policy) => own.indexOf(policy)).join()}`;
    const entry = bySet.get(key) ?? { policies, groups: [] };
    bySet.set(key, entry);
    entry.groups.push(group);
  }
  const made = [...bySet.values()].map(({ policies, groups }) => ({
    policies,
    groups,
    rules: policies.flatMap(({ rules }) =>
      rules.filter(({ direction, portTerm }) => direction === 'egress' && portTerm !== undefined),
    ),
  }));
  LIMITED.set(world, made);
  return made;
}

/** A resolver does not ask itself. */
const isResolver = ({ groups }: Limited, resolvers: Resolvers): boolean =>
  groups.some((group) => resolvers.groups.includes(group));

const resolverText = (world: LintWorld, { groups, ports }: Resolvers): string =>
  groups.length === 0
    ? "the cluster's resolver is not in what was read; any destination on port 53 or 5353 was taken for one"
    : `resolver: ${world.describeGroups(groups, 2)} on UDP ${ports.join(', ')}`;

const namesPods = ({ isForAnyone, peers }: ReadRule): boolean =>
  isForAnyone || peers.some(({ term }) => term?.kind === 'pods');

/** The policy to blame: the first with an egress rule, since a plain default deny is meant to be one. */
const toBlame = ({ policies, rules }: Limited): ReadPolicy | undefined => rules[0]?.policy ?? policies[0];

const canResolve = (
  world: LintWorld,
  rules: readonly ReadRule[],
  resolvers: Resolvers,
  protocol: PolicyProtocol,
) => rules.some((rule) => letsResolve(world, rule, { ...resolvers, protocol }));

function whom({ groups }: Limited, world: LintWorld): string {
  const names = world.workloadsOf(groups).map(describeWorkload);
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}

/** Pods that may connect to others and not find out where they are. */
export const dnsBlocked: LintRule = {
  id: 'dns-blocked',
  severity: 'warning',
  needs: 'workloads',
  title: 'egress is limited and DNS is not let through',
  why: 'Connections begin with a name; where the resolver can not be asked every one of them fails, usually by timing out.',
  check: (world) => {
    const resolvers = resolversOf(world);
    return limitedOf(world).flatMap((limited): readonly Draft[] => {
      const policy = toBlame(limited);
      if (policy === undefined || limited.rules.length === 0 || isResolver(limited, resolvers)) return [];
      if (canResolve(world, limited.rules, resolvers, 'UDP')) return [];
      const other =
        resolvers.groups.length > 0 &&
        canResolve(world, limited.rules, { ...resolvers, ports: [53, 5353] }, 'UDP');
      const why = other ? `, since the resolver listens on ${resolvers.ports.join(', ')}` : '';
      return [
        {
          about: policy,
          field: 'spec.egress',
          severity: limited.rules.some(namesPods) ? 'warning' : 'info',
          what: `${whom(limited, world)} may connect to others and can not resolve names over UDP${why} (${resolverText(world, resolvers)})`,
          fix: `Let them reach the resolver's pods on UDP and TCP ${resolvers.ports[0] ?? 53}.`,
        },
      ];
    });
  },
};

/** Answers that do not fit into a datagram. */
export const dnsTcpBlocked: LintRule = {
  id: 'dns-tcp-blocked',
  severity: 'info',
  needs: 'workloads',
  title: 'DNS over UDP is let through and over TCP is not',
  why: 'An answer that does not fit into a datagram is asked for again over TCP; names with many addresses then fail now and then.',
  check: (world) => {
    const resolvers = resolversOf(world);
    return limitedOf(world).flatMap((limited): readonly Draft[] => {
      const policy = toBlame(limited);
      if (policy === undefined || !canResolve(world, limited.rules, resolvers, 'UDP')) return [];
      if (canResolve(world, limited.rules, resolvers, 'TCP')) return [];
      const at = limited.rules.find((rule) => letsResolve(world, rule, { ...resolvers, protocol: 'UDP' }));
      return [
        {
          about: at?.policy ?? policy,
          field: at === undefined ? 'spec.egress' : at.field,
          what: `${whom(limited, world)} may ask for names over UDP only (${resolverText(world, resolvers)})`,
          fix: 'Add the same port with protocol: TCP.',
        },
      ];
    });
  },
};

const reachesNodeLocal = (rules: readonly ReadRule[]): boolean =>
  rules.some((rule) => rule.isForAnyone || rule.peers.some(letsReachNodeLocal));

/** A resolver on the node that no podSelector means. */
export const dnsNodeLocal: LintRule = {
  id: 'dns-node-local',
  severity: 'warning',
  needs: 'workloads',
  title: 'DNS is let through to pods, and NodeLocal DNSCache answers',
  why: `With NodeLocal DNSCache pods ask ${NODE_LOCAL_ADDRESS} on their own node, an address that no podSelector means.`,
  check: (world) => {
    const resolvers = resolversOf(world);
    // Cilium redirects such queries to a pod of the cache instead (Local Redirect Policy).
    if (!resolvers.hasNodeLocal || !world.profile.ipBlockMatchesNodes) return [];
    return limitedOf(world).flatMap((limited): readonly Draft[] => {
      const policy = toBlame(limited);
      if (policy === undefined || !canResolve(world, limited.rules, resolvers, 'UDP')) return [];
      if (reachesNodeLocal(limited.rules) || isResolver(limited, resolvers)) return [];
      return [
        {
          about: policy,
          field: 'spec.egress',
          what: `${whom(limited, world)} may reach the resolver's pods and not ${NODE_LOCAL_ADDRESS}, which node-local-dns answers on unless it was given another address`,
          fix: `Add an ipBlock ${NODE_LOCAL_ADDRESS}/32 on UDP and TCP 53 beside the resolver's pods.`,
        },
      ];
    });
  },
};
