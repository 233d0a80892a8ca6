import { formatInstant } from '#core/flow/time.ts';
import { describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import { describeRange } from '#core/policy/connections/address-range.ts';
import type { DeadEnd, ListedPort, Usage } from '#core/policy/ports/door.ts';
import type { PortsReport } from '#core/policy/ports/list-ports.ts';
import type { AskedModel } from '../asked-cluster.ts';
import { toldProblems } from '../placed-policies.ts';

/** Everything that was found about ports. */
export interface PortsAnswered {
  readonly asked: AskedModel;
  /** Ports before any filter. */
  readonly total: number;
  readonly ports: readonly ListedPort[];
  readonly deadEnds: readonly DeadEnd[];
}

/** How far out a list of ports may be narrowed to. */
export const EXPOSED = ['internet', 'cluster'] as const;
export type Exposed = (typeof EXPOSED)[number];

/** What of the ports is asked for. */
export interface PortsFilter {
  /** Empty means all. */
  readonly namespaces: ReadonlySet<string>;
  /** Only ports that nobody was seen to use. */
  readonly unused: boolean;
  /** Only what can be reached as far as that, or further. */
  readonly exposed: Exposed | undefined;
}

const EXPOSED_KINDS: Readonly<Record<Exposed, ReadonlySet<ListedPort['openness']>>> = {
  internet: new Set(['internet', 'node']),
  cluster: new Set(['internet', 'node', 'outside', 'cluster']),
};

const isUnused = ({ usage }: ListedPort): boolean =>
  usage.kind === 'unused' || usage.kind === 'workload-unseen' || usage.kind === 'denied';

/** What of a report is asked for. A filter keeps what leads nowhere only where it could tell: by namespace. */
export function filteredPorts({ ports, deadEnds }: PortsReport, filter: PortsFilter): PortsReport {
  const { namespaces, unused, exposed } = filter;
  const isIn = (namespace: string): boolean => namespaces.size === 0 || namespaces.has(namespace);
  const isNarrow = unused || exposed !== undefined;
  return {
    ports: ports.filter(
      (port) =>
        isIn(port.workload.namespace) &&
        (exposed === undefined || EXPOSED_KINDS[exposed].has(port.openness)) &&
        (!unused || isUnused(port)),
    ),
    deadEnds: isNarrow ? [] : deadEnds.filter(({ object }) => isIn(object.replace(/\/.*$/, ''))),
  };
}

const usageAnswer = (usage: Usage) =>
  'use' in usage ? { ...usage.use, lastSeenAt: formatInstant(usage.use.lastSeenAt) } : undefined;

function portAnswer({ workload, protocol, port, openness, isDeclared, isUndeclared, ...rest }: ListedPort) {
  const { reach, doorReaches, usage } = rest;
  return {
    workload: describeWorkload(workload),
    protocol,
    port,
    openness,
    declaredByContainer: isDeclared,
    declaredNowhere: isUndeclared,
    reach: { ...reach, outside: reach.outside.map(describeRange) },
    doors: doorReaches.map(({ door, clients, ...each }) => ({
      ...door,
      ...each,
      clients: clients.map(describeRange),
      sourceRanges: door.clients,
    })),
    usage: usage.kind,
    use: usageAnswer(usage),
  };
}

/** The answer as plain data, the same for a command and for the API. */
export function portsAnswer({ asked, ports, deadEnds, total }: PortsAnswered) {
  const { profile, cluster, model, problems, reading } = asked;
  return {
    profile: profile.name,
    cluster,
    policies: model.policies.length,
    flowsGiven: reading !== undefined,
    lostEvents: reading && String(reading.coverage.lostEvents),
    total,
    ports: ports.map(portAnswer),
    deadEnds,
    problems: toldProblems(problems),
  };
}
