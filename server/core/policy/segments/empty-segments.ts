import { type ClusterModel, describeWorkload, type WorkloadName } from '../cluster/cluster-model.ts';
import type { FieldPath } from '../cluster/manifest-problem.ts';
import type { Claim } from './claim.ts';
import type { SegmentFault } from './segment-fault.ts';
import type { NamedWorkload, Segment, SegmentsFile } from './segments-file.ts';
import { type Ground, isAlive } from './spots.ts';

const nobody = (path: FieldPath, detail: string): SegmentFault => ({ path, code: 'matches_nobody', detail });

const describeNamed = ({ namespace, name, kind }: NamedWorkload): string =>
  `${namespace}/${name}${kind === undefined ? '' : `[${kind}]`}`;

const MOST_SIMILAR = 2;

/** `shop/cart`, and workloads whose names hold the other, or are the same elsewhere. */
function withSimilar(wanted: NamedWorkload, owners: readonly WorkloadName[]): string {
  const near = owners.filter(({ name }) => name.includes(wanted.name) || wanted.name.includes(name));
  const similar = near.slice(0, MOST_SIMILAR).map(describeWorkload);
  const text = describeNamed(wanted);
  return similar.length === 0 ? text : `${text}; there is ${similar.join(', ')}`;
}

/** Names in a segment that nobody has: the segment has members all the same, and the slip would go unseen. */
function strangeNames({ members, path }: Segment, model: ClusterModel): readonly SegmentFault[] {
  if (members.kind !== 'pods') return [];
  const living = model.pods.filter(({ pod }) => isAlive(pod));
  const inhabited = new Set<string>(living.map(({ pod }) => pod.namespace));
  const owners = [...new Set(living.map(({ workload }) => workload))].flatMap(
    (place) => model.workloads[place] ?? [],
  );
  const known = new Set(
    owners.flatMap((each) => [describeNamed({ ...each, kind: undefined }), describeNamed(each)]),
  );
  return [
    ...members.namespaces.flatMap((name, place) =>
      inhabited.has(name) ? [] : [nobody([...path, 'namespaces', place], name)],
    ),
    ...members.workloads.flatMap((each, place) =>
      known.has(describeNamed(each))
        ? []
        : [nobody([...path, 'workloads', place], withSimilar(each, owners))],
    ),
  ];
}

/** Segments, and names in them, that match nobody although somebody should be there. */
export function emptySegments(
  { segments }: SegmentsFile,
  model: ClusterModel,
  { segments: found }: Ground,
): readonly SegmentFault[] {
  return segments
    .filter(({ mayBeEmpty }) => !mayBeEmpty)
    .flatMap((segment) => {
      const strange = strangeNames(segment, model);
      if (strange.length > 0) return strange;
      const isEmpty = (found.get(segment.name)?.size ?? 0) === 0;
      return isEmpty ? [nobody(segment.path, segment.name)] : [];
    });
}

/** True when no pair of ends exists that an assertion is about, and none of its segments may be empty. */
export function aboutNothing(claim: Claim, { segments }: SegmentsFile, ground: Ground): boolean {
  const mayBeEmpty = new Set(segments.filter((each) => each.mayBeEmpty).map(({ name }) => name));
  const { from, reaches } = claim.assertion;
  if (
    [...from, ...reaches].some((name) => mayBeEmpty.has(name) || (ground.segments.get(name)?.size ?? 0) === 0)
  )
    return false;
  for (const sender of claim.senders) {
    for (const target of claim.targets) if (claim.isPair(sender, target)) return false;
  }
  return true;
}
