import { describe, expect, test } from 'vitest';
import { certifiedWorldOf } from '#core/policy/certify/certified-world.ts';
import { runToEnd } from '#core/policy/certify/steps.ts';
import { comparingAdmission } from '#core/policy/generate/compress/same-admission.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicyIngressRule } from '#core/policy/network-policy.ts';
import { workload, worldOf } from '../../support/baseline-fixture.ts';

const workloads = ['shop/web', 'shop/db', 'red/agent', 'green/agent', 'green/other', 'red/other'].map(
  (name) => workload(name),
);
const certified = certifiedWorldOf(worldOf(workloads), CILIUM_PROFILE);

function isSame(before: readonly NetworkPolicyIngressRule[], after: readonly NetworkPolicyIngressRule[]) {
  const policyWith = (ingress: readonly NetworkPolicyIngressRule[]) => ({
    metadata: { name: 'db', namespace: 'shop' },
    spec: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress' as const], ingress },
  });
  return runToEnd(
    comparingAdmission({
      certified,
      profile: CILIUM_PROFILE,
      before: [policyWith(before)],
      after: [policyWith(after)],
    }),
  );
}

const inNamespaces = (...values: readonly string[]) => ({
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }],
});
const pods = (...values: readonly string[]) => ({
  matchExpressions: [{ key: 'app', operator: 'In', values }],
});
const tcp = (port: number, endPort?: number) => ({
  protocol: 'TCP',
  port,
  ...(endPort === undefined ? {} : { endPort }),
});

describe('two writings of a policy', () => {
  const single = (namespace: string, app: string) => ({
    namespaceSelector: inNamespaces(namespace),
    podSelector: pods(app),
  });

  test('are the same when ranges and lists stand for exactly what was listed', () => {
    const before = [
      { from: [single('red', 'agent'), single('green', 'agent')], ports: [tcp(80), tcp(81), tcp(82)] },
    ];
    const after = [
      {
        from: [{ namespaceSelector: inNamespaces('green', 'red'), podSelector: pods('agent') }],
        ports: [tcp(80, 82)],
      },
    ];
    expect(isSame(before, after)).toBe(true);
  });

  test('differ by one port more', () => {
    const from = [single('red', 'agent')];
    expect(isSame([{ from, ports: [tcp(80), tcp(81)] }], [{ from, ports: [tcp(80, 82)] }])).toBe(false);
  });

  test('differ by a pair that only the cross of namespaces and labels lets in', () => {
    const before = [{ from: [single('red', 'agent'), single('green', 'other')], ports: [tcp(80)] }];
    const crossed = { namespaceSelector: inNamespaces('green', 'red'), podSelector: pods('agent', 'other') };
    expect(isSame(before, [{ from: [crossed], ports: [tcp(80)] }])).toBe(false);
  });

  test('differ by one address more, which no pod has', () => {
    const block = (cidr: string) => [{ from: [{ ipBlock: { cidr } }], ports: [tcp(80)] }];
    expect(isSame(block('203.0.113.8/32'), block('203.0.113.8/31'))).toBe(false);
    expect(isSame(block('203.0.113.8/32'), block('203.0.113.8/32'))).toBe(true);
  });

  test('differ where one lets in less', () => {
    const from = [single('red', 'agent')];
    expect(isSame([{ from, ports: [tcp(80)] }], [])).toBe(false);
  });
});
