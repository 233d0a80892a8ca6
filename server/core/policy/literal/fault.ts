/** What can be wrong with a piece of a policy, and why the piece is then read in its strictest sense. */
export const FAULTS = {
  not_an_object: 'is no object',
  not_a_list: 'is no list',
  not_text: 'is no text',
  kind_unexpected: 'is no NetworkPolicy of networking.k8s.io/v1',
  field_unknown: 'is no field of a NetworkPolicy; the API server rejects or drops it',
  pod_selector_missing: 'is missing; an API server that accepts that selects every pod of the namespace',
  policy_type_unknown: 'is neither Ingress nor Egress; the policy isolates its pods and allows nothing',
  label_key_invalid: 'is no valid label key; it matches nothing',
  label_value_invalid: 'is no valid label value; it matches nothing',
  operator_unknown: 'is none of In, NotIn, Exists, DoesNotExist; it matches nothing',
  values_missing: 'needs at least one value; it matches nothing',
  values_not_allowed: 'takes no values; it matches nothing',
  peer_empty: 'names no peer; it matches nothing',
  peer_mixed: 'has an ipBlock beside a selector; it matches nothing',
  cidr_invalid: 'is no CIDR; it matches nothing',
  except_invalid: 'is no CIDR; the whole ipBlock matches nothing',
  except_outside_cidr: 'does not lie strictly inside its CIDR; the whole ipBlock matches nothing',
  protocol_unknown: 'is none of TCP, UDP, SCTP; it matches nothing',
  port_out_of_range: 'is no port from 1 to 65535; it matches nothing',
  port_name_invalid: 'is no valid port name; it matches nothing',
  end_port_without_port: 'needs a numeric port; it matches nothing',
  end_port_out_of_range: 'is no port from the start of the range to 65535; it matches nothing',
} as const satisfies Readonly<Record<string, string>>;

export type Fault = keyof typeof FAULTS;

/** Does a piece of a policy match? A malformed piece answers with its fault, and counts as "no". */
export type Outcome = 'yes' | 'no' | Fault;

/** All parts must match; a plain "no" beats a fault, whatever the order of the parts. */
export function both(first: Outcome, second: Outcome): Outcome {
  if (first === 'no' || second === 'no') return 'no';
  return first === 'yes' ? second : first;
}

/** One fault and where it is, e.g. `spec.ingress[0].from[1].ipBlock.cidr`. */
export interface PolicyProblem {
  readonly path: string;
  readonly fault: Fault;
}

/** One line of plain words: the path and what is wrong there. */
export const describeProblem = (problem: PolicyProblem): string => `${problem.path} ${FAULTS[problem.fault]}`;

/** True for a JSON object; policies are written by strangers, so types are promises nobody kept. */
export const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for what the API server treats as "not there". */
export const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;
