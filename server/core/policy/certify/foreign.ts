import type { CniProfile, Endpoint } from '../world.ts';

/** Which ends belong to another cluster, where the policies are not applied. */
export interface Foreign {
  readonly from: boolean;
  readonly to: boolean;
}

interface Question {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly profile: CniProfile;
}

/**
 * The question that leaves pods of another cluster alone, whatever the policies here select: it is asked as if they had
 * no controller, under a reading by which policies do not govern such pods. As peers they stay who they are.
 */
export function leavingAlone({ from, to, profile }: Question, foreign: Foreign): Question {
  if (!foreign.from && !foreign.to) return { from, to, profile };
  const asked = (end: Endpoint, isForeign: boolean): Endpoint => {
    if (end.kind !== 'pod') return end;
    const isBare = !profile.governsBarePods && end.pod.bare === true;
    return { ...end, pod: { ...end.pod, bare: isForeign || isBare } };
  };
  return {
    from: asked(from, foreign.from),
    to: asked(to, foreign.to),
    profile: { ...profile, governsBarePods: false },
  };
}
