import { cidrsOf, podLabelKeys } from '../certify/policy-facts.ts';
import { elementaryRanges, rangeOfAddress } from '../connections/address-range.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, WorldPod } from '../world.ts';

/** Names all a set of policies can see of a pod: pods of one name are one to every one of them. */
export type PodView = (pod: WorldPod) => string;

/** How a set of policies sees pods. Labels they do not name, and addresses that no block tells apart, make no view. */
export function podView(policies: readonly NetworkPolicy[], profile: CniProfile): PodView {
  const keys = podLabelKeys(policies);
  const cidrs = policies.flatMap((policy) => [...cidrsOf(policy, 'ingress'), ...cidrsOf(policy, 'egress')]);
  const ranges = elementaryRanges(cidrs);
  const placeOf = (ip: string): number => {
    const at = rangeOfAddress(ip);
    return at === undefined
      ? -1
      : ranges.findIndex(
          (range) => range.family === at.family && range.first <= at.first && at.first <= range.last,
        );
  };
  return (pod) => {
    const { namespace, hostNetwork, namedPorts, node, phase } = pod;
    const labels = pod.labels.filter(([key]) => keys.has(key));
    const isVisible = hostNetwork ? profile.ipBlockMatchesNodes : profile.ipBlockMatchesPods;
    const places = isVisible && cidrs.length > 0 ? pod.ips.map(placeOf) : [];
    return JSON.stringify([namespace, labels, places, namedPorts, hostNetwork, node, phase]);
  };
}

/** The first of each view. */
export function oneOfEach<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const kept = new Map<string, T>();
  for (const item of items) if (!kept.has(keyOf(item))) kept.set(keyOf(item), item);
  return [...kept.values()];
}
