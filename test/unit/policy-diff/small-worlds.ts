import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { describeEnd } from '#core/policy/connections/connectivity.ts';
import { describePorts } from '#core/policy/connections/port-set.ts';
import type { WeighedChange } from '#core/policy/diff/connection-change.ts';
import { diffPolicies, type PolicyDiffRequest } from '#core/policy/diff/policy-diff.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import { clusterFromTexts } from '../../../server/adapters/manifests/read-cluster.ts';

/** A Deployment of the namespace shop whose pods have the label `app` and whatever else is given. */
export const deployment = (name: string, labels = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}${labels}}}
    spec: {containers: [{name: main, image: main}]}
`;

/** A policy of the namespace shop; `spec` is everything below `spec:` as a flow mapping. */
export const policy = (name: string, spec: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
`;

/** Only cart may reach db, on the port. */
export const dbPolicy = (port: number, from = 'cart'): string =>
  policy(
    'db',
    `{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: ${from}}}}], ports: [{port: ${port}}]}]}`,
  );

export const DENY_ALL = policy('deny-all', '{podSelector: {}, policyTypes: [Ingress, Egress]}');

/** A cluster from manifests, one file each; a problem in them is a fault of the test. */
export function cluster(...texts: readonly string[]): ClusterModel {
  const files = texts.map((text, index) => ({ file: `${index}.yaml`, text }));
  const { model, problems } = clusterFromTexts(files);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return model;
}

export const changed = (old: ClusterModel, later: ClusterModel, more: Partial<PolicyDiffRequest> = {}) =>
  diffPolicies({ old, new: later, profile: KUBERNETES_PROFILE, ...more });

/** `widened: shop/cart[Deployment] => shop/db[Deployment] : TCP 1 -> TCP 2`. */
export const lineOf = ({ classes, from, to, before, after }: WeighedChange): string =>
  `${classes.join('+')}: ${describeEnd(from)} => ${describeEnd(to)} : ${describePorts(before.ports)} -> ${describePorts(after.ports)}`;
