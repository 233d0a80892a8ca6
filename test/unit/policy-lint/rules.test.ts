import { describe, expect, test } from 'vitest';
import { deployment, linted, policy, saidBy, voicesOf } from './lint-fixture.ts';

const CART = 'podSelector: {matchLabels: {app: cart}}, policyTypes: [Ingress]';
const EGRESS = 'podSelector: {matchLabels: {app: cart}}, policyTypes: [Egress]';
const NAMESPACE = (name: string, labels = ''): string =>
  `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {${labels}}}\n`;
const from = (peers: string, ports = ''): string => `${CART}, ingress: [{from: [${peers}]${ports}}]`;
const to = (peers: string, ports = ''): string => `${EGRESS}, egress: [{to: [${peers}]${ports}}]`;

describe('selectors that mean nobody', () => {
  test('are explained by the requirement that fails and the values there are', () => {
    const text = policy('podSelector: {matchLabels: {app: carts}}') + deployment('cart');
    expect(saidBy('subject-none', text)[0]?.what).toBe(
      'no pod of shop is selected by app=carts (app is cart there)',
    );
  });

  test('are a note where pods are known from flows alone', () => {
    const text = policy('podSelector: {matchLabels: {app: carts}}') + deployment('cart');
    expect(voicesOf('subject-none', text, { onlySeen: ['shop'] })).toEqual(['info spec.podSelector']);
  });

  test('are not judged by labels that only controllers know', () => {
    const text = policy('podSelector: {matchLabels: {pod-template-hash: 5d8f}}') + deployment('cart');
    expect(saidBy('subject-none', text)).toEqual([]);
    expect(voicesOf('volatile-label', text)).toEqual(['error spec.podSelector']);
  });

  test('are passed over in namespaces that live elsewhere', () => {
    const peer =
      '{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}, podSelector: {matchLabels: {app: prometheus}}}';
    const text = policy(from(peer)) + deployment('cart');
    expect(saidBy('peer-none', text)).toEqual([]);
    expect(voicesOf('namespace-selector-none', text)).toEqual([
      'info spec.ingress[0].from[0].namespaceSelector',
    ]);
  });

  test('are passed over where a namespace that nobody declared may carry the label', () => {
    const text =
      policy(from('{namespaceSelector: {matchLabels: {team: a}}}')) +
      deployment('cart') +
      deployment('x', 'other');
    expect(saidBy('namespace-selector-none', text)).toEqual([]);
    expect(saidBy('peer-none', text)).toEqual([]);
  });

  test('are found in declared namespaces by name', () => {
    const peer =
      '{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}, podSelector: {matchLabels: {app: nobody}}}';
    const text = policy(from(peer)) + deployment('cart') + deployment('x', 'other');
    expect(voicesOf('peer-none', text)).toEqual(['warning spec.ingress[0].from[0]']);
  });

  test('under OVN-Kubernetes the namespace of the nodes is somebody', () => {
    const peer =
      "{namespaceSelector: {matchLabels: {policy-group.network.openshift.io/host-network: ''}}, podSelector: {}}";
    const text = NAMESPACE('shop') + policy(from(peer)) + deployment('cart');
    expect(saidBy('namespace-selector-none', text, { profile: 'ovn-kubernetes' })).toEqual([]);
    expect(saidBy('namespace-selector-none', text)).toHaveLength(1);
  });
});

describe('rules for everybody', () => {
  test('egress to some ports is milder than egress to all', () => {
    expect(voicesOf('open-egress-rule', policy(`${EGRESS}, egress: [{ports: [{port: 443}]}]`))).toEqual([
      'info spec.egress[0]',
    ]);
    expect(voicesOf('open-egress-rule', policy(`${EGRESS}, egress: [{}]`))).toEqual([
      'warning spec.egress[0]',
    ]);
  });

  test('say by what the pods are published', () => {
    const text = `${policy(`${CART}, ingress: [{}]`)}${deployment('cart')}---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop}
spec: {type: LoadBalancer, selector: {app: cart}, ports: [{port: 80}]}
`;
    expect(saidBy('open-ingress-rule', text)[0]?.what).toContain('Service front of type LoadBalancer');
  });

  test('a rule whose ports are all malformed opens nothing', () => {
    expect(saidBy('open-ingress-rule', policy(`${CART}, ingress: [{ports: [{port: 0}]}]`))).toEqual([]);
  });

  test('every pod of the own namespace is not every pod', () => {
    expect(saidBy('peer-all-pods', policy(from('{podSelector: {}}')))).toEqual([]);
  });
});

describe('directions', () => {
  test('a default deny elsewhere closes what a policy leaves open', () => {
    const deny = policy('podSelector: {}, policyTypes: [Egress]', 'deny');
    expect(saidBy('direction-open', policy(CART) + deployment('cart'))).toHaveLength(1);
    expect(saidBy('direction-open', policy(CART) + deny + deployment('cart'))).toEqual([]);
  });

  test('what policyTypes left out implies is louder where it surprises', () => {
    const said = (spec: string) =>
      saidBy('policy-types-implied', policy(spec)).map(({ severity }) => severity);
    expect(said('podSelector: {}, egress: []')).toEqual(['warning']);
    expect(said('podSelector: {}, egress: [{}]')).toEqual(['warning']);
    expect(said('podSelector: {}, ingress: [{}]')).toEqual(['info']);
    expect(said('podSelector: {}, policyTypes: [Ingress]')).toEqual([]);
  });
});

describe('two entries where one was meant', () => {
  const peers =
    '{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}, {podSelector: {matchLabels: {app: prometheus}}}';

  test('are surely so when the pods are only there', () => {
    const text = policy(from(peers)) + deployment('cart') + deployment('prometheus', 'monitoring');
    expect(voicesOf('split-peer', text)).toEqual(['warning spec.ingress[0].from[1]']);
  });

  test('are a note when the own namespace has such pods', () => {
    const text =
      policy(from(peers)) + deployment('cart') + deployment('prometheus') + deployment('p', 'monitoring');
    expect(voicesOf('split-peer', text)).toEqual(['info spec.ingress[0].from[1]']);
  });
});

describe('ports', () => {
  test('an egress rule is held against the pods it leads to', () => {
    const text =
      policy(to('{podSelector: {matchLabels: {app: db}}}', ', ports: [{port: sql}]')) +
      deployment('cart', 'shop', '{name: sql, containerPort: 1}') +
      deployment('db', 'shop', '{name: pg, containerPort: 5432}');
    expect(saidBy('named-port-unknown', text)[0]?.what).toBe(
      'no container port of shop/db[Deployment] is called sql (they name pg 5432)',
    );
  });

  test('a name that some of the pods have is fine', () => {
    const text =
      policy(
        `podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}], ports: [{port: http}]}]`,
      ) +
      deployment('cart', 'shop', '{name: http, containerPort: 80}') +
      deployment('db');
    expect(saidBy('named-port-unknown', text)).toEqual([]);
  });

  test('both ports of a Service in one rule are no oversight', () => {
    const service = `---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 8080}]}
`;
    const cart = deployment('cart', 'shop', '{containerPort: 8080}');
    const rule = (ports: string) => policy(from('{podSelector: {}}', `, ports: [${ports}]`)) + cart + service;
    expect(saidBy('service-port-used', rule('{port: 80}'))).toHaveLength(1);
    expect(saidBy('service-port-used', rule('{port: 80}, {port: 8080}'))).toEqual([]);
    expect(saidBy('service-port-used', rule('{port: 80}, {port: 8000, endPort: 9000}'))).toEqual([]);
  });
});

describe('DNS', () => {
  const toDb = '{to: [{podSelector: {matchLabels: {app: db}}}]}';
  const resolver = (port: number): string => `---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: dns-default, namespace: openshift-dns}
spec:
  template:
    metadata: {labels: {dns.operator.openshift.io/daemonset-dns: default}}
    spec: {containers: [{name: dns, ports: [{name: dns, containerPort: ${port}, protocol: UDP}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: dns-default, namespace: openshift-dns}
spec: {selector: {dns.operator.openshift.io/daemonset-dns: default}, ports: [{port: 53, protocol: UDP, targetPort: dns}]}
`;
  const asks = (port: number) =>
    `{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}], ports: [{port: ${port}, protocol: UDP}]}`;
  const world = (rules: string, port = 5353) =>
    policy(`${EGRESS}, egress: [${rules}]`) + deployment('cart') + deployment('db') + resolver(port);

  test('port 53 does not reach a resolver that listens on 5353', () => {
    const [found] = saidBy('dns-blocked', world(`${toDb}, ${asks(53)}`));
    expect(found?.what).toContain('since the resolver listens on 5353');
    expect(saidBy('dns-blocked', world(`${toDb}, ${asks(5353)}`))).toEqual([]);
  });

  test('another policy may let it through', () => {
    const dns = policy(`podSelector: {}, policyTypes: [Egress], egress: [${asks(5353)}]`, 'dns');
    expect(saidBy('dns-blocked', world(toDb) + dns)).toEqual([]);
  });

  test('pods that may connect to nobody need none', () => {
    expect(saidBy('dns-blocked', policy(EGRESS) + deployment('cart') + resolver(53))).toEqual([]);
  });

  test('pods that only reach addresses may not need it', () => {
    const text = world('{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}');
    expect(voicesOf('dns-blocked', text)).toEqual(['info spec.egress']);
  });

  test('without a resolver any port 53 will do, and that is said', () => {
    const lenient = `${toDb}, {to: [{namespaceSelector: {}}], ports: [{port: 53, protocol: UDP}]}`;
    const without = (rules: string) =>
      policy(`${EGRESS}, egress: [${rules}]`) + deployment('cart') + deployment('db');
    expect(saidBy('dns-blocked', without(lenient))).toEqual([]);
    expect(saidBy('dns-blocked', without(toDb))[0]?.what).toContain('was taken for one');
  });
});

describe('redundancy', () => {
  const wide = '{from: [{podSelector: {}}]}';
  const narrow = '{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}';

  test('of two equal rules the later one is named', () => {
    const text = policy(`${CART}, ingress: [${narrow}, ${narrow}]`);
    expect(voicesOf('rule-redundant', text)).toEqual(['warning spec.ingress[1]']);
  });

  test('by another policy it is a note that names it', () => {
    const text =
      policy(`${CART}, ingress: [${narrow}]`, 'a') + policy(`podSelector: {}, ingress: [${wide}]`, 'b');
    const [found, ...rest] = saidBy('rule-redundant', text);
    expect(rest).toEqual([]);
    expect([found?.about, found?.severity]).toEqual(['shop/a', 'info']);
    expect(found?.what).toContain('shop/b spec.ingress[0]');
    expect(found?.what).toContain('read off the two rules');
  });

  test('of pods that are alike today is said to be of today', () => {
    const other = '{from: [{podSelector: {matchLabels: {tier: front}}}]}';
    const text = `${policy(`${CART}, ingress: [${narrow}, ${other}]`)}${deployment('cart')}---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web, tier: front}}, spec: {containers: []}}}
`;
    const found = saidBy('rule-redundant', text);
    expect(found.map(({ severity, field }) => `${severity} ${field}`)).toEqual(['info spec.ingress[0]']);
    expect(found[0]?.what).toContain('held against the pods that are here');
  });

  test('needs all ports, all peers and all subjects', () => {
    const cases = [
      `${CART}, ingress: [{from: [{podSelector: {}}], ports: [{port: 81}]}, ${narrow}]`,
      `${CART}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}, ${narrow}]`,
    ];
    for (const spec of cases) expect(saidBy('rule-redundant', policy(spec))).toEqual([]);
    const apart =
      policy(`${CART}, ingress: [${narrow}]`, 'a') +
      policy(`podSelector: {matchLabels: {app: db}}, ingress: [${wide}]`, 'b');
    expect(saidBy('rule-redundant', apart)).toEqual([]);
  });

  test('egress and ingress are never compared', () => {
    const text = policy(
      `podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}]}], egress: [{to: [{podSelector: {}}]}]`,
    );
    expect(saidBy('rule-redundant', text)).toEqual([]);
  });
});

describe('networks', () => {
  test('limits of Cilium are no matter to others', () => {
    const text = policy(
      from('{podSelector: {}}', ', ports: [{port: 1, endPort: 9}, {port: 5, protocol: SCTP}]'),
    );
    for (const rule of ['end-port-ignored', 'sctp-off']) {
      expect(saidBy(rule, text)).toEqual([]);
      expect(saidBy(rule, text, { profile: 'cilium' })).toHaveLength(1);
    }
  });

  test('the Amazon VPC CNI does find host-network peers', () => {
    const agent = `---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec: {template: {metadata: {labels: {app: agent}}, spec: {hostNetwork: true, containers: []}}}
`;
    const text = policy(from('{podSelector: {matchLabels: {app: agent}}}')) + deployment('cart') + agent;
    expect(saidBy('host-network-peer', text)).toHaveLength(1);
    expect(saidBy('host-network-peer', text, { profile: 'aws-vpc-cni' })).toEqual([]);
  });
});

describe('what a user asks for', () => {
  const open = (annotation = '') => policy(`${CART}, ingress: [{}]`, 'np', 'shop', annotation);

  test('an annotation keeps a rule quiet about its policy, and that is counted', () => {
    const quiet = linted(open(', annotations: {bulkhead.dev/lint-ignore: "open-ingress-rule, split-peer"}'));
    expect(quiet.findings.map(({ rule }) => rule)).not.toContain('open-ingress-rule');
    expect(quiet.suppressed).toEqual([{ rule: 'open-ingress-rule', count: 1 }]);
  });

  test('a rule may be switched off or speak otherwise', () => {
    const off = linted(open(), { voices: new Map([['open-ingress-rule', 'off']]) });
    expect(off.findings.map(({ rule }) => rule)).not.toContain('open-ingress-rule');
    expect(
      voicesOf('open-ingress-rule', open(), { voices: new Map([['open-ingress-rule', 'error']]) }),
    ).toEqual(['error spec.ingress[0]']);
  });

  test('rules that need workloads are named where nobody is known', () => {
    expect(linted(open()).skipped).toContain('subject-none');
    expect(linted(open() + deployment('cart')).skipped).toEqual([]);
  });

  test('the worst comes first, and the order of files changes nothing', () => {
    const [a, b] = [open(), policy(`${CART}, ingress: [{ports: [{port: 0}]}]`, 'z')];
    const said = (text: string) =>
      linted(text).findings.map(({ rule, about, field }) => `${rule} ${about} ${field}`);
    expect(said(a + b)[0]).toContain('api-refused');
    expect(said(a + b)).toEqual(said(b + a));
  });
});
