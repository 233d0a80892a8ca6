import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildModel } from '#core/policy/cluster/build-model.ts';
import { type ClusterModel, describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import { decodeDocument } from '#core/policy/cluster/decode-object.ts';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { addressText } from '#core/policy/connections/address-range.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { ListedPort } from '#core/policy/ports/door.ts';
import { listPorts } from '#core/policy/ports/list-ports.ts';
import type { Endpoint } from '#core/policy/world.ts';

const NAMES = ['web', 'api', 'db'] as const;
const SPACES = ['shop', 'data'] as const;

const anySelector = fc.constantFrom({}, ...NAMES.map((app) => ({ matchLabels: { app } })));

const anyPeer = fc.oneof(
  anySelector.map((podSelector) => ({ podSelector })),
  anySelector.map((podSelector) => ({ podSelector, namespaceSelector: {} })),
  fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '203.0.113.0/25').map((cidr) => ({ ipBlock: { cidr } })),
);

const anyPolicy = fc
  .record({
    namespace: fc.constantFrom(...SPACES),
    podSelector: anySelector,
    policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
    ingress: fc.array(
      fc.record({
        from: fc.array(anyPeer, { maxLength: 2 }),
        ports: fc.array(fc.constantFrom({ port: 80 }, { port: 'http' }, { port: 5432 }), { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
    egress: fc.array(fc.record({ to: fc.array(anyPeer, { maxLength: 2 }) }), { maxLength: 2 }),
  })
  .map(({ namespace, ...spec }) => ({ namespace, spec }));

const deployment = (namespace: string, name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace, name },
  spec: {
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name, ports: [{ name: 'http', containerPort: 80 }, { containerPort: 5432 }] }] },
    },
  },
});

const anyModel = fc.array(anyPolicy, { maxLength: 5 }).map((policies) => {
  const documents = [
    ...SPACES.flatMap((space) => NAMES.map((name) => deployment(space, name))),
    ...policies.map(({ namespace, spec }, index) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { namespace, name: `policy-${index}` },
      spec,
    })),
  ];
  const source = { file: 'all.yaml', document: 1, line: 1, item: '' };
  const objects = documents
    .flatMap(decodeDocument)
    .flatMap(({ object }) => (object ? [{ object, source }] : []));
  return buildModel(objects);
});

/** Whether the literal evaluator lets an end in to some pod of a listed port's workload. */
const gateOf =
  (model: ClusterModel, { place, protocol, port }: Pick<ListedPort, 'place' | 'protocol' | 'port'>) =>
  (from: Endpoint): boolean =>
    model.pods
      .filter(({ workload }) => workload === place)
      .some(({ pod }) => {
        const connection = { from, to: { kind: 'pod', pod }, protocol, port } as const;
        return evaluate(worldOf(model), connection, KUBERNETES_PROFILE).allowed;
      });

/** Other workloads of which some pod is let in. */
const clientsOf = (model: ClusterModel, listed: ListedPort): readonly string[] => {
  const isLetIn = gateOf(model, listed);
  const clients = model.pods.filter(
    ({ pod, workload }) => workload !== listed.place && isLetIn({ kind: 'pod', pod }),
  );
  const names = clients.map(({ pod }) => `${pod.namespace}/${pod.labels[0]?.[1]}[Deployment]`);
  return [...new Set(names)].sort();
};

const edgesOf = ({ reach }: ListedPort): readonly Endpoint[] =>
  reach.outside.flatMap(({ family, first, last }) =>
    [first, last].map((value) => ({ kind: 'address' as const, ip: addressText(family, value) })),
  );

test('who gets to a port is who the literal evaluator lets in, pod by pod and range by range', () => {
  fc.assert(
    fc.property(anyModel, (model) => {
      for (const listed of listPorts({ model, profile: KUBERNETES_PROFILE, flows: undefined }).ports) {
        const { inside } = listed.reach;
        const self = describeWorkload(listed.workload);
        const everybody = model.workloads.map(describeWorkload).filter((each) => each !== self);
        const named =
          inside.kind === 'nobody' ? [] : inside.kind === 'cluster' ? everybody : inside.workloads;
        expect(clientsOf(model, listed)).toEqual(named.filter((each) => each !== self));
        expect(edgesOf(listed).filter((end) => !gateOf(model, listed)(end))).toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
});
