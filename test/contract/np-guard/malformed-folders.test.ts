import { describe, expect, test } from 'vitest';
import { describeManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { readCluster } from '../../../server/adapters/manifests/read-cluster.ts';
import { hasRecordings, skippedWithoutRecordings } from '../../support/recordings.ts';
import { caseFolder, readSuite } from './np-guard-suite.ts';

/** One line that each folder's report must hold: what is wrong there, and where. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  bad_netpols: [
    'subdir1/netpols.yaml:22: document 1: spec.ingress[2].from[0].ipBlock.cidr is no CIDR; it matches nothing',
    'subdir2/netpols.yaml:22: document 1: spec.podSelector.matchLabels["app@b"] is no label key that Kubernetes accepts',
    'subdir3/netpols.yaml:9: document 1: spec.ingress[0].from[0] has an ipBlock beside a selector; it matches nothing',
    'subdir4/netpols.yaml:9: document 1: spec.ingress[0].from[0] names no peer; it matches nothing',
    'subdir7/resources.yaml:158: document 8: spec.egress[0].to[0].podSelector.matchLabels.app is no label value that Kubernetes accepts',
  ],
  bad_yamls: [
    'not_a_k8s_resource.yaml:1: document 1: kind is missing, so this is no Kubernetes object; the object was left out',
  ],
  'malformed-pod-example-2': [
    'pod_list.json:31: document 1: items[0].spec.containers[0].ports is no list; the object was left out',
  ],
  'malformed-pod-example-3': [
    'pods_list.json:1: document 1: kind is missing, so this is no Kubernetes object; the object was left out',
  ],
  'malformed-pod-example-4': [
    'pods.json:1: document 1: kind is missing, so this is no Kubernetes object; the object was left out',
  ],
  'malformed-pod-example-5': [
    'pod.yaml:12: document 2: is not valid YAML (Plain value cannot start with reserved character @); the document was left out',
  ],
  malformed_pod_example: [
    'pod.yaml:10: document 1: spec.containers[0].ports[0].containerPort is no port from 1 to 65535; the object was left out',
  ],
  np_bad_path_test_1: [
    'netpols.yaml:24: document 2: is declared before, differently; the later one holds, as with kubectl apply (before: netpols.yaml:1)',
  ],
  np_bad_path_test_2: [
    'netpols.yaml:13: document 1: spec.ingress[1].ports[0] needs a numeric port; it matches nothing',
  ],
  np_test_with_empty_port_range: [
    'netpol.yaml:14: document 1: spec.egress[0].ports[1] is no port from the start of the range to 65535; it matches nothing',
  ],
};

describe.skipIf(!hasRecordings)(`np-guard's malformed folders${skippedWithoutRecordings}`, () => {
  const folders = hasRecordings ? readSuite().malformed : [];

  test.each(folders)('%s gives an error that says where, and the rest is read', async (name) => {
    const { problems } = await readCluster([caseFolder(name)]);
    const lines = problems.map(describeManifestProblem);
    expect(EXPECTED[name]?.length).toBeGreaterThan(0);
    expect(lines).toEqual(expect.arrayContaining([...(EXPECTED[name] ?? [])]));
    expect(problems.filter(({ line }) => line === undefined)).toEqual([]);
  });

  test('a pod beside a malformed document is still there', async () => {
    const { model } = await readCluster([caseFolder('malformed-pod-example-5')]);
    expect(model.pods.map(({ pod }) => pod.name)).toEqual(['nginx']);
  });

  test('one malformed pod of a list costs that pod alone', async () => {
    const { model } = await readCluster([caseFolder('malformed-pod-example-2')]);
    expect(model.pods.length).toBe(28);
  });

  test('no folder is left out', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...folders].sort());
  });
});
