import type { LabelSelector, NetworkPolicy } from '../network-policy.ts';
import type { Endpoint, WorldPod } from '../world.ts';
import { isAbsent, isObject, type Outcome } from './fault.ts';
import { isGoverned } from './peers.ts';
import { readRules } from './rules.ts';
import { selectorMatches } from './selector.ts';
import type { DirectionVerdict, Minutes, PolicyDirection, Question } from './verdict.ts';

/** Judges one direction: egress for the pod the connection comes from, ingress for the pod it goes to. */
export function judgeDirection(question: Question, direction: PolicyDirection): DirectionVerdict {
  const { from, to } = question.connection;
  const subject = direction === 'egress' ? from : to;
  const minutes: Minutes = { direction, question, selecting: [], allowedBy: [], doubts: [] };
  if (subject.kind === 'pod' && isGoverned(subject.pod, question.profile)) {
    readPolicies(minutes, subject.pod, direction === 'egress' ? to : from);
  }
  const { selecting, allowedBy, doubts } = minutes;
  const isolated = selecting.length > 0;
  return { direction, allowed: !isolated || allowedBy.length > 0, isolated, selecting, allowedBy, doubts };
}

/** The union of what all policies allow: order does not matter, and none can forbid what another allows. */
function readPolicies(minutes: Minutes, subject: WorldPod, other: Endpoint): void {
  const { policies } = minutes.question.world;
  for (let index = 0; index < policies.length; index += 1) {
    const policy = policies[index];
    // A manifest without a namespace belongs to `default`.
    const namespace = policy?.metadata?.namespace ?? 'default';
    if (policy === undefined || namespace !== subject.namespace) continue;
    const selects = selectsSubject(policy, minutes.direction, subject);
    if (selects.outcome === 'no') continue;
    minutes.selecting.push(index);
    if (selects.outcome === 'yes') readRules({ minutes, index, policy, namespace, other });
    else minutes.doubts.push({ policy: index, path: selects.path, fault: selects.outcome });
  }
}

interface Selects {
  readonly outcome: Outcome;
  /** The field that decided. */
  readonly path: string;
}

/**
 * Does the policy isolate this pod in this direction? One that can not be read as to whom it is about isolates
 * whoever it may be about, and allows nothing.
 */
function selectsSubject(policy: NetworkPolicy, direction: PolicyDirection, subject: WorldPod): Selects {
  if (!isObject(policy?.spec)) return { outcome: 'not_an_object', path: 'spec' };
  const types = typesCover(policy, direction);
  if (types === 'no') return { outcome: 'no', path: 'spec.policyTypes' };
  const outcome = subjectMatches(policy.spec.podSelector, subject);
  if (types === 'yes' || outcome === 'no') return { outcome, path: 'spec.podSelector' };
  return { outcome: types, path: types === 'not_a_list' ? 'spec' : 'spec.policyTypes' };
}

const subjectMatches = (selector: LabelSelector | null | undefined, subject: WorldPod): Outcome =>
  isAbsent(selector) ? 'yes' : selectorMatches(selector, subject.labels);

/** Without `policyTypes` a policy is about ingress, and about egress only if it has an egress rule. */
function typesCover({ spec }: NetworkPolicy, direction: PolicyDirection): Outcome {
  const policyTypes: unknown = spec.policyTypes;
  if (isAbsent(policyTypes)) return direction === 'ingress' ? 'yes' : hasEgressRule(spec.egress);
  if (!Array.isArray(policyTypes)) return 'not_a_list';
  if (policyTypes.length === 0) return direction === 'ingress' ? 'yes' : hasEgressRule(spec.egress);
  if (policyTypes.some((type) => type !== 'Ingress' && type !== 'Egress')) return 'policy_type_unknown';
  return policyTypes.includes(direction === 'ingress' ? 'Ingress' : 'Egress') ? 'yes' : 'no';
}

function hasEgressRule(egress: unknown): Outcome {
  if (isAbsent(egress)) return 'no';
  if (!Array.isArray(egress)) return 'not_a_list';
  return egress.length > 0 ? 'yes' : 'no';
}
