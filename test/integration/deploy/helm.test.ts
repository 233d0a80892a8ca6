import { describe, expect, test } from 'vitest';
import { PLAIN_MANIFESTS, renderManifest } from '../../../deploy/manifests/render.ts';
import { helm, lintChart, refusal, rendered, skippedWithoutHelm } from '../../support/helm.ts';
import type { Manifest } from '../../support/manifests.ts';
import { type PodSpec, restrictedFaults } from '../../support/pod-security.ts';
import { only, textOf } from '../../unit/deploy/plain-manifests.ts';

const specOf = <Shape>(kind: string, among: readonly Manifest[]): Shape =>
  only<{ readonly spec: Shape }>(kind, among).spec;

const podOf = (objects: readonly Manifest[]) =>
  specOf<{
    template: {
      spec: PodSpec & {
        containers: readonly { args: readonly string[]; image: string }[];
        volumes: object[];
      };
    };
  }>('Deployment', objects).template.spec;

const named = (objects: readonly Manifest[], kind: string, ending: string): Manifest | undefined =>
  objects.find((each) => each.kind === kind && each.metadata.name.endsWith(ending));

const kindsOf = (objects: readonly Manifest[]): readonly string[] => objects.map(({ kind }) => kind);

describe.skipIf(helm === undefined)(`the chart under helm${skippedWithoutHelm}`, () => {
  test('passes helm lint, warnings counted', () => {
    const { code, out, err } = lintChart();
    expect({ code, said: code === 0 ? '' : out + err }).toEqual({ code: 0, said: '' });
  });

  test.each(PLAIN_MANIFESTS)('renders $file byte for byte as it is kept', (manifest) => {
    expect(renderManifest(manifest, helm ?? '')).toBe(textOf(manifest.file));
  });

  test('refuses a typo, a value of another type and a wildcard host, with the place', () => {
    expect(refusal(['netwrokPolicy.enabled=true'])).toContain("'netwrokPolicy' not allowed");
    expect(refusal(['networkPolicy.enabled=yes'])).toContain('/networkPolicy/enabled');
    expect(refusal(['networkPolicy.apiServer.cilium=maybe'])).toContain('/networkPolicy/apiServer/cilium');
    expect(refusal(['image.digest=sha256:12'])).toContain('/image/digest');
    expect(refusal(['allowedHosts={*}'])).toContain('/allowedHosts/0');
    expect(refusal(['listen=127.0.0.1'])).toContain('/listen');
  });

  test('gives releases in two namespaces cluster-wide objects of their own', () => {
    const names = (namespace: string): readonly string[] =>
      rendered([], '--namespace', namespace)
        .filter(({ kind }) => kind.startsWith('ClusterRole'))
        .map(({ metadata }) => metadata.name);
    expect(names('one')).toEqual(['one-bulkhead-reader', 'one-bulkhead-reader']);
    expect(names('two')).toEqual(['two-bulkhead-reader', 'two-bulkhead-reader']);
  });

  test('writes no right to the API server and mounts no token without the inventory', () => {
    const objects = rendered(['inventory.enabled=false']);
    expect(kindsOf(objects)).toEqual(['NetworkPolicy', 'ServiceAccount', 'Service', 'Deployment']);
    const pod = podOf(objects);
    expect(JSON.stringify(pod)).not.toMatch(/serviceAccountToken|in-cluster/);
    expect(JSON.stringify(specOf('NetworkPolicy', objects))).not.toContain('6443');
  });

  test('leaves a dialect out of the role that is switched off', () => {
    const off = ['inventory.cilium=false', 'inventory.calico=false', 'inventory.clusterNetworkPolicy=false'];
    const { rules } = only<{ rules: readonly { apiGroups: readonly string[] }[] }>(
      'ClusterRole',
      rendered(off),
    );
    expect(rules.flatMap(({ apiGroups }) => apiGroups)).toEqual([
      '',
      'apps',
      'batch',
      'discovery.k8s.io',
      'networking.k8s.io',
    ]);
  });

  test('speaks TLS to a relay with the files of a secret, under the name in its certificate', () => {
    const server = 'tls://hubble-relay.kube-system.svc.cluster.local:443';
    const pod = podOf(rendered([`hubble.servers={${server}}`, 'hubble.tls.existingSecret=relay-certs']));
    expect(restrictedFaults(pod)).toEqual([]);
    expect(pod.volumes).toContainEqual({ name: 'hubble-tls', secret: { secretName: 'relay-certs' } });
    expect(pod.containers[0]?.args.filter((flag) => /^--(?:hubble|tls)/.test(flag))).toEqual([
      `--hubble=${server}`,
      '--tls-server-name=instance.hubble-relay.cilium.io',
      '--tls-ca-cert-files=/hubble-tls/ca.crt',
      '--tls-client-cert-file=/hubble-tls/tls.crt',
      '--tls-client-key-file=/hubble-tls/tls.key',
    ]);
    expect(refusal(['hubble.tls.existingSecret=relay-certs'])).toContain('write tls:// in front of it');
  });

  test('pins the image by digest, keeps data in a claim, and passes hosts and flags on', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const pod = podOf(
      rendered([
        'image.repository=images.example.com/bulkhead',
        `image.digest=${digest}`,
        'data.existingClaim=kept',
        'allowedHosts={https://bulkhead.example.com}',
        'extraArgs={--namespace=shop}',
        'listen=::',
        'trainFor=7d',
      ]),
    );
    expect(restrictedFaults(pod)).toEqual([]);
    expect(pod.containers[0]?.image).toBe(`images.example.com/bulkhead@${digest}`);
    expect(pod.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'kept' } });
    expect(pod.containers[0]?.args).toEqual(
      expect.arrayContaining([
        '--host=::',
        '--allowed-host=https://bulkhead.example.com',
        '--namespace=shop',
      ]),
    );
  });
});

describe.skipIf(helm === undefined)(`its NetworkPolicy under helm${skippedWithoutHelm}`, () => {
  const EXACT = ['networkPolicy.apiServer.cidrs={10.20.0.1/32}', 'networkPolicy.apiServer.ports={6443}'];

  test('names one address when it is told the API server’s', () => {
    const { egress } = specOf<{ egress: readonly object[] }>('NetworkPolicy', rendered(EXACT));
    expect(egress.at(-1)).toEqual({
      to: [{ ipBlock: { cidr: '10.20.0.1/32' } }],
      ports: [{ port: 6443, protocol: 'TCP' }],
    });
  });

  test('lets in the namespaces that are named, by the name that nobody can choose', () => {
    const objects = rendered(['networkPolicy.ingress.namespaces={monitoring,ingress-nginx}']);
    expect(specOf<{ ingress: readonly object[] }>('NetworkPolicy', objects).ingress).toEqual([
      {
        from: [
          { podSelector: {} },
          {
            namespaceSelector: {
              matchExpressions: [
                {
                  key: 'kubernetes.io/metadata.name',
                  operator: 'In',
                  values: ['monitoring', 'ingress-nginx'],
                },
              ],
            },
          },
        ],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ]);
  });

  test('leaves the API server to a CiliumNetworkPolicy where the cluster has them, and only there', () => {
    const withApi = rendered([], '--api-versions', 'cilium.io/v2');
    expect(kindsOf(withApi)).toContain('CiliumNetworkPolicy');
    expect(JSON.stringify(specOf('NetworkPolicy', withApi))).not.toContain('ipBlock');
    expect(kindsOf(rendered([]))).not.toContain('CiliumNetworkPolicy');
    const never = rendered(['networkPolicy.apiServer.cilium=never'], '--api-versions', 'cilium.io/v2');
    expect(kindsOf(never)).not.toContain('CiliumNetworkPolicy');
  });

  test('is not there when it is switched off, and neither is Cilium’s', () => {
    const off = rendered(['networkPolicy.enabled=false'], '--api-versions', 'cilium.io/v2');
    expect(kindsOf(off).filter((kind) => kind.endsWith('NetworkPolicy'))).toEqual([]);
  });
});

describe.skipIf(helm === undefined)(`the right to dry-run under helm${skippedWithoutHelm}`, () => {
  const objects = helm === undefined ? [] : rendered(['dryRun.enabled=true']);

  test('is to create NetworkPolicies, given to its own account', () => {
    expect(named(objects, 'ClusterRole', '-dry-run')?.['rules']).toEqual([
      { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['create'] },
    ]);
    expect(named(objects, 'ClusterRoleBinding', '-dry-run')).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'bulkhead-dry-run' },
      subjects: [{ kind: 'ServiceAccount', name: 'bulkhead', namespace: 'bulkhead' }],
    });
  });

  test('never comes without the guard that refuses what is not a dry run', () => {
    expect(specOf('ValidatingAdmissionPolicy', objects)).toEqual({
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['networking.k8s.io'],
            apiVersions: ['*'],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
            resources: ['networkpolicies'],
          },
        ],
      },
      matchConditions: [
        {
          name: 'asked-by-bulkhead',
          expression: "request.userInfo.username == 'system:serviceaccount:bulkhead:bulkhead'",
        },
      ],
      validations: [
        { expression: 'request.dryRun == true', message: 'Bulkhead may only dry-run NetworkPolicies.' },
      ],
    });
    expect(specOf('ValidatingAdmissionPolicyBinding', objects)).toEqual({
      policyName: only('ValidatingAdmissionPolicy', objects).metadata.name,
      validationActions: ['Deny'],
    });
  });

  test('is refused on a cluster that has no such guard, and without the inventory', () => {
    expect(refusal(['dryRun.enabled=true'], '--kube-version', '1.29.9')).toContain('needs Kubernetes 1.30');
    expect(refusal(['dryRun.enabled=true', 'inventory.enabled=false'])).toContain('needs inventory.enabled');
  });
});
