import { describe, expect, test } from 'vitest';
import { RESOURCES } from '../../../collector/inventory/resources.ts';
import { restrictedFaults } from '../../support/pod-security.ts';
import { only, plain } from './plain-manifests.ts';

interface Role {
  readonly metadata: { readonly name: string };
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

interface Binding {
  readonly roleRef: object;
  readonly subjects: readonly object[];
}

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: object;
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: Parameters<typeof restrictedFaults>[0] & {
        readonly automountServiceAccountToken: boolean;
        readonly enableServiceLinks: boolean;
        readonly serviceAccountName: string;
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly env: readonly object[];
          readonly resources: object;
          readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
          readonly readinessProbe: { readonly httpGet: object };
          readonly livenessProbe: { readonly httpGet: object };
        }[];
      };
    };
  };
}

const deployment = only<Deployment>('Deployment');
const pod = deployment.spec.template.spec;
const [container] = pod.containers;

describe('what the plain manifests hold', () => {
  test('these objects and no other', () => {
    expect(
      plain.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'}/${metadata.name}`),
    ).toEqual([
      'Namespace -/bulkhead',
      'NetworkPolicy bulkhead/bulkhead',
      'ServiceAccount bulkhead/bulkhead',
      'ClusterRole -/bulkhead-reader',
      'ClusterRoleBinding -/bulkhead-reader',
      'Service bulkhead/bulkhead',
      'Deployment bulkhead/bulkhead',
    ]);
  });

  test('nothing of it speaks about Helm, and nothing is left of a template', () => {
    expect(JSON.stringify(plain)).not.toMatch(/helm|\{\{|<no value>/i);
  });

  test('the Service answers inside the cluster only, and finds the pod', () => {
    const { spec } = only<{ spec: { type: string; selector: object; ports: readonly object[] } }>('Service');
    expect(spec.type).toBe('ClusterIP');
    expect(spec.selector).toEqual(deployment.spec.template.metadata.labels);
    expect(spec.selector).toEqual(deployment.spec.selector.matchLabels);
    expect(spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }]);
  });
});

describe('what Bulkhead may ask the API server', () => {
  const role = only<Role>('ClusterRole');

  test('to get, list and watch these resources, and nothing else', () => {
    const rights = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}: ${verbs.join(' ')}`)),
    );
    expect(rights).toEqual(
      [
        '/namespaces',
        '/nodes',
        '/pods',
        '/services',
        'apps/daemonsets',
        'apps/deployments',
        'apps/replicasets',
        'apps/statefulsets',
        'batch/cronjobs',
        'batch/jobs',
        'discovery.k8s.io/endpointslices',
        'networking.k8s.io/networkpolicies',
        'cilium.io/ciliumclusterwidenetworkpolicies',
        'cilium.io/ciliumnetworkpolicies',
        'crd.projectcalico.org/globalnetworkpolicies',
        'crd.projectcalico.org/networkpolicies',
        'policy.networking.k8s.io/adminnetworkpolicies',
        'policy.networking.k8s.io/baselineadminnetworkpolicies',
        'policy.networking.k8s.io/clusternetworkpolicies',
      ].map((right) => `${right}: get list watch`),
    );
  });

  test('what its inventory watches, no less and no more', () => {
    const watched = RESOURCES.filter(({ use }) => use === 'always').map(
      ({ apiVersion, plural }) => `${apiVersion.replace(/(?:^|\/)v\d\w*$/, '')}/${plural}`,
    );
    const given = role.rules.flatMap(({ apiGroups, resources }) =>
      apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}`)),
    );
    expect(given.sort()).toEqual(watched.sort());
  });

  test('no secret, no config map, no exec, no log, no wildcard', () => {
    expect(JSON.stringify(role.rules)).not.toMatch(/secret|configmap|exec|attach|portforward|proxy|log|\*/);
  });

  test('the role is given to its own account and to nobody else', () => {
    const { roleRef, subjects } = only<Binding>('ClusterRoleBinding');
    expect(roleRef).toEqual({
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: role.metadata.name,
    });
    expect(subjects).toEqual([
      { kind: 'ServiceAccount', name: pod.serviceAccountName, namespace: 'bulkhead' },
    ]);
  });

  test('no token is handed out unasked; the pod mounts one that expires, with the name of the API server', () => {
    expect(only<object>('ServiceAccount')).toMatchObject({ automountServiceAccountToken: false });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.volumes?.find(({ projected }) => projected !== undefined)).toEqual({
      name: 'api-token',
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
        ],
      },
    });
  });
});

describe('the pod', () => {
  test('keeps the restricted Pod Security Standard, which its namespace enforces', () => {
    expect(restrictedFaults(pod)).toEqual([]);
    expect(only<{ metadata: { labels: object } }>('Namespace').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
  });

  test('runs as 65532, writes to its own volumes only, and holds no capability', () => {
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
    expect(container?.volumeMounts.map(({ name, mountPath }) => `${name} ${mountPath}`)).toEqual([
      'data /data',
      'tmp /tmp',
      'api-token /var/run/secrets/kubernetes.io/serviceaccount',
    ]);
  });

  test('takes its login token out of a secret, by name, and learns no other service by environment', () => {
    expect(container?.env).toEqual([
      {
        name: 'BULKHEAD_TOKEN',
        valueFrom: { secretKeyRef: { name: 'bulkhead-token', key: 'token' } },
      },
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    ]);
    expect(pod.enableServiceLinks).toBe(false);
  });

  test('is one, and an old one is gone before a new one opens the ledger', () => {
    expect(deployment.spec.replicas).toBe(1);
    expect(deployment.spec.strategy).toEqual({ type: 'Recreate' });
  });

  test('is asked whether it is alive where no login is needed, under an address it answers to', () => {
    for (const probe of [container?.readinessProbe, container?.livenessProbe])
      expect(probe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
    expect(container?.args).toContain('--allowed-host=$(POD_IP)');
  });

  test('has a limit on memory and asks for what it needs', () => {
    expect(container?.resources).toEqual({
      requests: { cpu: '200m', memory: '512Mi' },
      limits: { memory: '2Gi' },
    });
  });
});
