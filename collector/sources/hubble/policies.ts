import type { DecidingPolicy } from '#core/flow/flow.ts';
import { isMessage, looseText, looseTexts } from './wire.ts';

interface WirePolicy {
  readonly name?: unknown;
  readonly namespace?: unknown;
  readonly labels?: unknown;
  readonly kind?: unknown;
}

const NONE: readonly DecidingPolicy[] = [];
const DERIVED = 'k8s:io.cilium.k8s.policy.';

/** Before 1.17 the kind stands only among the labels that Cilium derives from the policy's object. */
function derived(labels: readonly string[], key: string): string | undefined {
  const prefix = `${DERIVED}${key}=`;
  return looseText(labels.find((label) => label.startsWith(prefix))?.slice(prefix.length));
}

function policyOf(wire: WirePolicy): DecidingPolicy | undefined {
  const labels = looseTexts(wire.labels);
  const name = looseText(wire.name) ?? derived(labels, 'name');
  if (name === undefined) return undefined;
  return {
    kind: looseText(wire.kind) ?? derived(labels, 'derived-from') ?? 'unknown',
    namespace: looseText(wire.namespace) ?? derived(labels, 'namespace') ?? '',
    name,
  };
}

function policiesOf(value: unknown): readonly DecidingPolicy[] {
  if (!Array.isArray(value)) return NONE;
  return value.flatMap((item) => (isMessage(item) ? (policyOf(item) ?? []) : []));
}

/** The policies named for one outcome, egress first; those without a name are left out. */
export function decidingPolicies(egress: unknown, ingress: unknown): readonly DecidingPolicy[] {
  if (egress === undefined && ingress === undefined) return NONE;
  return [...policiesOf(egress), ...policiesOf(ingress)];
}
