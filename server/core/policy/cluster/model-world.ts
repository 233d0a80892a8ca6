import type { World } from '../world.ts';
import type { ClusterModel } from './cluster-model.ts';

/**
 * The world that policies are judged in. Pods are the model's own objects and policies stand in the model's order, so
 * that an index into either means the same in both.
 */
export const worldOf = (model: ClusterModel): World => ({
  namespaces: model.namespaces.map(({ name, labels }) => ({ name, labels })),
  pods: model.pods.map(({ pod }) => pod),
  policies: model.policies.map(({ policy }) => policy),
});
