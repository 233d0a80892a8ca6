import { type FieldPath, fieldText } from '../cluster/manifest-problem.ts';

/** What can be wrong with a file of segments, and what to do about it. */
const FAULTS = {
  not_fields: ['is no set of fields', 'write it as `name: value` lines below it'],
  not_a_list: ['is no list', 'write it as [a, b]'],
  list_empty: ['is an empty list', 'leave the field out or put something into it'],
  list_too_long: ['is too long', 'no more than 1000 entries are read'],
  not_text: ['is no text', 'quote it'],
  text_empty: ['is empty', 'write a word or a sentence'],
  text_too_long: ['is longer than 1000 characters', 'shorten it'],
  missing: ['is missing', 'add it'],
  field_unknown: ['is no field that is known here', 'take it out or mend its name'],
  version_unknown: ['is no version that is known', 'write bulkhead: segments/v1'],
  assertions_missing: ['holds no assertion', 'nothing would be checked: add one'],
  segment_name_invalid: [
    'is no name for a segment',
    'use lower-case letters, digits and dashes, at most 63 of them',
  ],
  segment_name_taken: ['is a segment that exists without being defined', 'choose another name'],
  segment_kinds_mixed: [
    'mixes several ways to say who belongs to it',
    'define one segment for each and join them with any: [a, b]',
  ],
  segment_says_nothing: [
    'says not who belongs to it',
    'give namespaces, namespaceLabels, workloads, pods, cidrs or any',
  ],
  segment_unknown: ['names a segment that is not defined', 'define it, or mend the name'],
  segment_in_itself: ['leads back to itself', 'take one of the names out'],
  namespace_invalid: ['is no namespace name that Kubernetes accepts', 'mend it'],
  workload_invalid: ['is no workload', 'write it like shop/cart or shop/cart[Deployment]'],
  label_key_invalid: ['is no label key that Kubernetes accepts', 'mend it'],
  label_value_invalid: ['is no label value that Kubernetes accepts', 'mend it'],
  cidr_invalid: ['is no CIDR', 'write it like 203.0.113.0/24 or 2001:db8::/32'],
  cidr_outside: ['lies in none of the cidrs it is taken out of', 'take it out or mend it'],
  empty_unknown: ['is not understood', 'write empty: allowed, or leave it out'],
  id_invalid: ['is no id', 'use letters, digits, dashes, dots and underscores, at most 100 of them'],
  id_taken: ['is the id of an assertion before it', 'give each its own'],
  verb_missing: ['asserts nothing', 'say one of only, never and may'],
  verbs_mixed: [
    'asserts several things',
    'keep one of only, never and may, and make another assertion of the rest',
  ],
  ports_needed: ['is missing', 'say which ports must be possible, like [TCP/8080]'],
  port_invalid: ['is no port', 'write it like TCP/5432, UDP/53, TCP/8000-8100, or TCP for all of them'],
  through_misplaced: ['is for never alone', 'take it out: what passes through others is only ever forbidden'],
  through_unknown: ['is neither true nor false', 'write through: true, or leave it out'],
  hops_misplaced: ['says how long a path may be, and there is none', 'add through: true, or take it out'],
  hops_invalid: ['is no number of connections', 'write a whole number from 2 to 100'],
  severity_unknown: ['is no severity', 'write critical, high, medium or low'],
  exception_says_nothing: ['excepts everything', 'say what it is about: from, reaches or ports'],
  matches_nobody: [
    'matches nobody who is known, so whatever is asserted about it would hold',
    'mend it, give flows or manifests in which somebody is, or write empty: allowed in the segment',
  ],
  about_nothing: [
    'is about no connection between two ends, so it would always hold',
    'one side must have pods, and two different ends must be there',
  ],
} as const satisfies Readonly<Record<string, readonly [what: string, help: string]>>;

export type SegmentFaultCode = keyof typeof FAULTS;

/** One fault of a file of segments. `detail` is from the data: whoever prints it makes it printable. */
export interface SegmentFault {
  readonly path: FieldPath;
  readonly code: SegmentFaultCode;
  readonly detail: string | undefined;
}

/** `segments.db.cidrs[0] is no CIDR (10.0.0.0): write it like 203.0.113.0/24 or 2001:db8::/32`. */
export function describeSegmentFault({ path, code, detail }: SegmentFault): string {
  const [what, help] = FAULTS[code];
  const at = path.length === 0 ? 'the file' : fieldText(path);
  return `${at} ${what}${detail === undefined ? '' : ` (${detail})`}: ${help}`;
}
