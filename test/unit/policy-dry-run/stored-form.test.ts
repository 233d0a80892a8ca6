import { describe, expect, test } from 'vitest';
import { storedForm } from '#core/policy/dry-run/stored-form.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import { admitPolicy } from '../../support/fake-api-server/validate-policy.ts';

const policy = (spec: object, metadata: object = {}): NetworkPolicy =>
  ({ metadata: { name: 'web', ...metadata }, spec }) as NetworkPolicy;

describe('a policy as the API server stores it', () => {
  test('has the type Ingress, Egress where there are egress rules, and TCP', () => {
    expect(storedForm(policy({ podSelector: {}, egress: [{ ports: [{ port: 53 }] }] }))).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        egress: [{ ports: [{ protocol: 'TCP', port: 53 }] }],
      },
    });
  });

  test('leaves out what is empty, except for selectors and rules, for which empty means everything', () => {
    const peer = { podSelector: { matchLabels: {} }, namespaceSelector: { matchExpressions: [] } };
    const spec = {
      podSelector: { matchLabels: {} },
      policyTypes: ['Ingress'],
      ingress: [{ from: [peer], ports: [] }, {}],
      egress: [],
    };
    expect(storedForm(policy(spec, { labels: {}, annotations: null })).spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: {}, namespaceSelector: {} }] }, {}],
    });
  });

  test('is the same for what was stored before, and for what a server fills in', () => {
    const written = policy({
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [
        {
          from: [{ ipBlock: { cidr: '10.0.0.0/8', except: [] } }],
          ports: [{ port: 80 }, { port: 90, endPort: 99 }],
        },
      ],
    });
    const once = storedForm(written);
    expect(storedForm(once)).toEqual(once);
    const admitted = admitPolicy({ ...written }, '1.36');
    expect('policy' in admitted && storedForm(admitted.policy as unknown as NetworkPolicy)).toEqual(once);
  });

  test('passes on what no server takes', () => {
    const broken = policy({ podSelector: null, ingress: 'x' });
    expect(storedForm(broken).spec).toMatchObject({ podSelector: null, ingress: 'x' });
  });
});
