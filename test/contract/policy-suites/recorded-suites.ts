import { readFileSync } from 'node:fs';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Connection, Endpoint, NamedPort, PolicyProtocol, World } from '#core/policy/world.ts';
import { recording } from '../../support/recordings.ts';

/** One row per source pod (`namespace/name`), one character per destination in the order of the step's pods. */
export type TruthTable = Readonly<Record<string, string>>;

/** The state of the cluster in one step of a case, as both suites record it. */
interface RecordedStep {
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly ip: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
  readonly policies: readonly NetworkPolicy[];
}

export interface CyclonusCase {
  readonly id: number;
  readonly description: string;
  readonly steps: readonly (RecordedStep & {
    readonly expected: Readonly<
      Record<string, Readonly<Record<'ingress' | 'egress' | 'combined', TruthTable>>>
    >;
  })[];
}

export interface EndToEndCase {
  readonly id: number;
  readonly title: string;
  readonly steps: readonly (RecordedStep & {
    readonly probes: readonly {
      readonly protocol: PolicyProtocol;
      readonly port: number;
      readonly expected: TruthTable;
    }[];
  })[];
}

/** Every case of one suite, e.g. `cyclonus` or `k8s-e2e`. */
export const readCases = <T>(suite: string): readonly T[] =>
  JSON.parse(readFileSync(recording('netpol', suite, 'cases.json'), 'utf8')) as readonly T[];

/** The test image of both suites listens on 80 and 81 for each protocol, under ports named `serve-80-tcp` and so on. */
const SERVED: readonly NamedPort[] = (['TCP', 'UDP', 'SCTP'] as const).flatMap((protocol) =>
  [80, 81].map((port) => ({ name: `serve-${port}-${protocol.toLowerCase()}`, protocol, port })),
);

/** The world of one step; every pod is alive and serves the same named ports. */
export function worldOf(step: RecordedStep): World {
  return {
    namespaces: Object.entries(step.namespaces).map(([name, labels]) => ({
      name,
      labels: Object.entries(labels),
    })),
    pods: step.pods.map(({ namespace, name, ip, labels }) => ({
      namespace,
      name,
      labels: Object.entries(labels),
      ips: [ip],
      namedPorts: SERVED,
      hostNetwork: false,
    })),
    policies: step.policies,
  };
}

/** One asserted cell of a table: what a suite says about one connection. */
export interface Claim {
  readonly world: World;
  readonly connection: Connection;
  readonly part: 'ingress' | 'egress' | 'combined';
  readonly isAllowed: boolean;
}

/** What all cells of one table have in common. */
export interface TableFacts {
  readonly world: World;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  readonly part: Claim['part'];
}

/** Every cell off the diagonal that the table asserts: a pod can not be cut off from itself, and `?` is no claim. */
export function claimsOf(table: TruthTable, { world, protocol, port, part }: TableFacts): readonly Claim[] {
  const { pods } = world;
  if (Object.keys(table).length !== pods.length) throw new Error('the table and the pods do not agree');
  return pods.flatMap((from) => {
    const row = table[`${from.namespace}/${from.name}`];
    if (row?.length !== pods.length) throw new Error('a row of the table is missing or short');
    return pods.flatMap((to, column) => {
      const mark = row[column];
      if (from === to || mark === '?') return [];
      const ends = { from: { kind: 'pod', pod: from }, to: { kind: 'pod', pod: to } } as const;
      return [{ world, connection: { ...ends, protocol, port }, part, isAllowed: mark === '.' }];
    });
  });
}

/** One line for each claim the judge disagrees with, under the plain Kubernetes profile. */
export function disagreements(claims: readonly Claim[]): readonly string[] {
  return claims.flatMap(({ world, connection, part, isAllowed }) => {
    const verdict = evaluate(world, connection, KUBERNETES_PROFILE);
    const { allowed } = part === 'combined' ? verdict : verdict[part];
    if (allowed === isAllowed) return [];
    const { from, to, protocol, port } = connection;
    return [`${protocol}/${port} ${part}: ${nameOf(from)} -> ${nameOf(to)} should be ${isAllowed}`];
  });
}

const nameOf = (end: Endpoint): string =>
  end.kind === 'pod' ? `${end.pod.namespace}/${end.pod.name}` : end.kind;
