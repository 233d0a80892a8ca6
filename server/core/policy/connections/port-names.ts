import type { NetworkPolicy } from '../network-policy.ts';
import type { NamedPort } from '../world.ts';

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** The port names that policies ask for; whatever is not of the expected shape asks for none. */
export function portNamesIn(policies: readonly NetworkPolicy[]): ReadonlySet<string> {
  const rules = policies.flatMap(({ spec }) => [
    ...listOf(fieldOf(spec, 'ingress')),
    ...listOf(fieldOf(spec, 'egress')),
  ]);
  const ports = rules
    .flatMap((rule) => listOf(fieldOf(rule, 'ports')))
    .map((entry) => fieldOf(entry, 'port'));
  return new Set(ports.filter((port) => typeof port === 'string'));
}

/** Those of a pod's names that anybody asks for; the others mean nothing to any policy. */
export const namesThatMatter = (
  ports: readonly NamedPort[],
  asked: ReadonlySet<string>,
): readonly NamedPort[] => ports.filter(({ name }) => asked.has(name));
