import type { ClusterService, ServicePort } from '../../cluster/cluster-model.ts';
import { describeWorkload } from '../../cluster/cluster-model.ts';
import type { NamedPort } from '../../world.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import { type LintWorld, someOf } from '../lint-world.ts';
import type { PodGroup } from '../pod-groups.ts';
import type { ReadPort, ReadRule } from '../read-policy.ts';

/** A rule's port entry by name, and the pods that would have to know the name. */
interface NamedUse {
  readonly rule: ReadRule;
  readonly field: string;
  readonly name: string;
  readonly protocol: string;
  readonly groups: readonly PodGroup[];
}

/** Flows and bare owners show no ports, so that a name that is not there may be there all the same. */
function arePortsKnown(world: LintWorld, group: PodGroup): boolean {
  return [...group.workloads].every((id) => {
    const workload = world.model.workloads[id];
    return workload !== undefined && (workload.source !== undefined || workload.ports.length > 0);
  });
}

function namedUses(world: LintWorld): readonly NamedUse[] {
  return world.rules.flatMap((rule) => {
    const named = rule.ports.filter(({ written }) => typeof written.port === 'string');
    if (named.length === 0) return [];
    const groups = world.groupsOf(world.destinationsOf(rule));
    // An egress rule to anybody, or to a block, means pods that are not listed here.
    const isKnown = rule.direction === 'ingress' || rule.peers.every(({ term }) => term?.kind === 'pods');
    if (groups.length === 0 || !isKnown) return [];
    return named.map(({ field, written }) => ({
      rule,
      field,
      name: String(written.port),
      protocol: String(written.protocol ?? 'TCP'),
      groups,
    }));
  });
}

const portsNamed = ({ groups, name }: NamedUse): readonly NamedPort[] =>
  groups.flatMap(({ pod }) => pod.namedPorts.filter((port) => port.name === name));

const isMatched = (use: NamedUse): boolean =>
  portsNamed(use).some(({ protocol }) => protocol === use.protocol);

/** Port names there are instead: `http 8080, metrics 9090`. */
function namesThere({ groups }: NamedUse): string {
  const names = new Set(
    groups.flatMap(({ pod }) => pod.namedPorts.map(({ name, port }) => `${name} ${port}`)),
  );
  return names.size === 0 ? 'they name no port' : `they name ${someOf([...names].sort())}`;
}

/** A port name that none of the pods has. */
export const namedPortUnknown: LintRule = {
  id: 'named-port-unknown',
  severity: 'error',
  needs: 'workloads',
  title: 'port name that no pod has',
  why: 'A named port is looked up on the pod that is connected to; where no container port has the name the rule allows nothing.',
  check: (world) =>
    namedUses(world)
      .filter((use) => portsNamed(use).length === 0)
      .filter(({ groups }) => groups.every((group) => arePortsKnown(world, group)))
      .map((use) => ({
        about: use.rule.policy,
        field: use.field,
        what: `no container port of ${world.describeGroups(use.groups)} is called ${use.name} (${namesThere(use)})`,
        fix: 'Write the number, or the name that the container port has; names of Service ports do not count.',
      })),
};

/** A port name that stands for another protocol. */
export const namedPortProtocol: LintRule = {
  id: 'named-port-protocol',
  severity: 'error',
  needs: 'workloads',
  title: 'port name with another protocol',
  why: 'A named port matches only with the protocol of its container port, and protocol left out means TCP; the rule allows nothing.',
  check: (world) =>
    namedUses(world)
      .filter((use) => portsNamed(use).length > 0 && !isMatched(use))
      .map((use) => ({
        about: use.rule.policy,
        field: use.field,
        what: `the rule says ${use.protocol} ${use.name}, and the container port is ${someOf([...new Set(portsNamed(use).map(({ protocol, port }) => `${protocol} ${port}`))])}`,
        fix: `Write protocol: ${portsNamed(use)[0]?.protocol ?? 'UDP'} beside the name.`,
      })),
};

/** A port name with several numbers. */
export const namedPortSpread: LintRule = {
  id: 'named-port-spread',
  severity: 'info',
  needs: 'workloads',
  title: 'port name that stands for several numbers',
  why: 'The name is looked up pod by pod, so one rule opens different ports on different pods, and networks differ in how well they do that.',
  check: (world) =>
    namedUses(world).flatMap((use): readonly Draft[] => {
      const own = portsNamed(use).filter(({ protocol }) => protocol === use.protocol);
      const numbers = [...new Set(own.map(({ port }) => port))].sort((a, b) => a - b);
      if (numbers.length < 2) return [];
      return [
        {
          about: use.rule.policy,
          field: use.field,
          what: `${use.name} is ${someOf(numbers.map(String))}, depending on the pod`,
          fix: 'Write the numbers if the rule is meant for each of them, or one rule for each kind of pod.',
        },
      ];
    }),
};

const wantedOf = ({ selector }: ClusterService) => ({
  requirements: (selector ?? []).map(([key, value]) => ({ key, kind: 'in' as const, values: [value] })),
  isSound: true,
});

/** Pods behind a Service; none for one without a selector. */
const groupsBehind = (world: LintWorld, service: ClusterService): readonly PodGroup[] =>
  service.selector === undefined ? [] : world.index.meant(wantedOf(service), service.namespace);

/** A port of a Service that leads to another number. */
interface Translation {
  readonly service: ClusterService;
  readonly port: ServicePort;
}

/** Which Services lead to each group by another port than their own. */
function translations(world: LintWorld): ReadonlyMap<number, readonly Translation[]> {
  const found = new Map<number, Translation[]>();
  for (const service of world.model.services) {
    const ports = service.ports.filter(({ port, targetPort }) => port !== targetPort);
    if (ports.length === 0) continue;
    for (const { id } of groupsBehind(world, service)) {
      const own = found.get(id) ?? [];
      found.set(id, own);
      own.push(...ports.map((port) => ({ service, port })));
    }
  }
  return found;
}

function listensOn(world: LintWorld, groups: readonly PodGroup[], number: number): boolean {
  return world.workloadsOf(groups).some(({ ports }) => ports.some(({ port }) => port === number));
}

const hasPort = (rule: ReadRule, { targetPort }: ServicePort): boolean =>
  rule.ports.some(({ written }) => {
    const { port, endPort } = written;
    if (port === targetPort) return true;
    return (
      typeof port === 'number' &&
      typeof targetPort === 'number' &&
      port <= targetPort &&
      targetPort <= (endPort ?? port)
    );
  });

/** The translation that an entry overlooks. */
function overlooked(
  world: LintWorld,
  {
    rule,
    port,
    led,
  }: {
    readonly rule: ReadRule;
    readonly port: ReadPort;
    readonly led: ReadonlyMap<number, readonly Translation[]>;
  },
): Draft | undefined {
  const { written, field } = port;
  const groups = world.groupsOf(world.destinationsOf(rule));
  const asked = groups.flatMap(({ id }) => led.get(id) ?? []);
  const found = asked.find(
    (each) =>
      each.port.port === written.port &&
      each.port.protocol === (written.protocol ?? 'TCP') &&
      !hasPort(rule, each.port),
  );
  if (found === undefined || listensOn(world, groups, Number(written.port))) return undefined;
  const {
    service,
    port: { targetPort },
  } = found;
  return {
    about: rule.policy,
    field,
    what: `${String(written.port)} is the port of Service ${service.namespace}/${service.name}; its pods are reached on ${targetPort}`,
    fix: `Write port: ${targetPort}.`,
  };
}

/** A Service's port in the place of the pods'. */
export const servicePortUsed: LintRule = {
  id: 'service-port-used',
  severity: 'warning',
  needs: 'workloads',
  title: "port of the Service instead of the pods'",
  why: "Policies are held against connections after the Service's port was translated to the target port, so this rule lets nothing through.",
  check: (world) => {
    const led = translations(world);
    return world.rules.flatMap((rule) =>
      rule.ports
        .filter(
          ({ written }) => typeof written.port === 'number' && (written.endPort ?? undefined) === undefined,
        )
        .flatMap((port) => overlooked(world, { rule, port, led }) ?? []),
    );
  },
};

/** A Service whose named target port nobody has. */
export const serviceTargetUnknown: LintRule = {
  id: 'service-target-unknown',
  severity: 'warning',
  needs: 'workloads',
  title: 'Service whose named targetPort no pod has',
  why: 'The Service has no endpoint on that port, so connections fail whatever policies say.',
  check: (world) =>
    world.model.services.flatMap((service) => {
      const groups = groupsBehind(world, service);
      if (groups.length === 0 || !groups.every((group) => arePortsKnown(world, group))) return [];
      return service.ports
        .filter(({ targetPort }) => typeof targetPort === 'string')
        .filter(
          ({ targetPort, protocol }) =>
            !groups.some(({ pod }) =>
              pod.namedPorts.some((port) => port.name === targetPort && port.protocol === protocol),
            ),
        )
        .map(({ targetPort, port, protocol }) => ({
          about: { name: `Service ${service.namespace}/${service.name}`, source: service.source },
          field: 'spec.ports',
          what: `port ${port} leads to ${protocol} ${targetPort}, which ${world.workloadsOf(groups).map(describeWorkload).slice(0, 3).join(', ')} ${groups.length === 1 ? 'does' : 'do'} not have`,
          fix: 'Name the container port so, or write its number as targetPort.',
        }));
    }),
};
