import type { Fault } from '../literal/fault.ts';

/** How the API server puts what it refuses: the field below the faulty piece, and its words for a value there. */
export interface Refusal {
  readonly field: string;
  readonly words: string;
}

const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

const shown = (value: unknown): string => JSON.stringify(value) ?? 'null';
const invalid = (value: unknown, words: string): string => `Invalid value: ${shown(value)}: ${words}`;

type Pieces = Readonly<Record<string, unknown>>;

/** A missing `endPort` partner, or one that does not follow the port. */
function endPortWords({ port, endPort }: Pieces): string {
  if (typeof port === 'string') return invalid(endPort, 'may not be specified when `port` is non-numeric');
  if (port === undefined || port === null)
    return invalid(endPort, 'may not be specified when `port` is not specified');
  const isPort = typeof endPort === 'number' && endPort >= 1 && endPort <= 65_535;
  // It shows the port here, and not the field that it names.
  return isPort
    ? invalid(port, 'must be greater than or equal to `port`')
    : invalid(endPort, 'must be between 1 and 65535, inclusive');
}

const unmarshal = (value: unknown, wanted: string): string =>
  `cannot be handled as a NetworkPolicy: json: cannot unmarshal ${kindOf(value)} into a field of type ${wanted}`;

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'object' : typeof value;
}

/** `value` is the faulty piece, or the object around it where the fault is about several of its fields. */
type Wording = (value: unknown, pieces: Pieces) => Refusal;

const at = (field: string, words: string): Refusal => ({ field, words });

/**
 * The words of kube-apiserver 1.36 (pkg/apis/networking/validation and apimachinery's validation), for every fault it
 * refuses; undefined for what it takes or drops.
 */
const WORDINGS: Readonly<Partial<Record<Fault, Wording>>> = {
  not_an_object: (value) => at('', unmarshal(value, 'object')),
  not_a_list: (value) => at('', unmarshal(value, 'array')),
  not_text: (value) => at('', unmarshal(value, 'string')),
  kind_unexpected: () => at('', 'no such kind is registered for this version'),
  policy_type_unknown: (value) =>
    at('', `Unsupported value: ${shown(value)}: supported values: "Egress", "Ingress"`),
  label_key_invalid: () => at('', `Invalid value: ${LABEL_KEY}`),
  label_value_invalid: (value) => at('', invalid(value, LABEL_VALUE)),
  operator_unknown: (_, { operator }) => at('operator', invalid(operator, 'not a valid selector operator')),
  values_missing: () => at('values', "Required value: must be specified when `operator` is 'In' or 'NotIn'"),
  values_not_allowed: () =>
    at('values', "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
  peer_empty: () => at('', 'Required value: must specify a peer'),
  peer_mixed: () => at('', 'Forbidden: may not specify both ipBlock and another peer'),
  cidr_invalid: (value) => at('', value === undefined ? 'Required value' : invalid(value, CIDR)),
  except_invalid: (value) => at('', invalid(value, CIDR)),
  except_outside_cidr: (value) => at('', invalid(value, 'must be a strict subset of `cidr`')),
  protocol_unknown: (_, { protocol }) =>
    at('protocol', `Unsupported value: ${shown(protocol)}: supported values: "TCP", "UDP", "SCTP"`),
  port_out_of_range: (_, { port }) => at('port', invalid(port, 'must be between 1 and 65535, inclusive')),
  port_name_invalid: (_, { port }) =>
    at(
      'port',
      invalid(port, 'must be at most 15 lower case letters, digits and single dashes, with a letter'),
    ),
  end_port_without_port: (_, pieces) => at('endPort', endPortWords(pieces)),
  end_port_out_of_range: (_, pieces) => at('endPort', endPortWords(pieces)),
};

/** What the API server says to a faulty piece; undefined when it takes it. */
export function refusalOf(fault: Fault, value: unknown): Refusal | undefined {
  const isPieces = typeof value === 'object' && value !== null && !Array.isArray(value);
  return WORDINGS[fault]?.(value, isPieces ? (value as Pieces) : {});
}
