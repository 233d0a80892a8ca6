import { FAULTS } from '../literal/fault.ts';

/** From the root of a document to a field: keys, and places in lists from 0. */
export type FieldPath = readonly (string | number)[];

/** What can be wrong with a file, a document or a field of it. A policy's own pieces have the judge's words beside. */
const MANIFEST_FAULTS = {
  unreadable: 'could not be read',
  symlink: 'is a symbolic link and was not followed',
  folder_too_deep: 'lies too deep below the folder',
  too_large: 'is larger than 10 MiB',
  too_many_documents: 'goes beyond 5000 documents',
  too_many_bytes: 'goes beyond 100 MiB for the whole folder',
  yaml_invalid: 'is not valid YAML',
  json_invalid: 'is not valid JSON',
  unsafe_character: 'holds a character that readers of YAML disagree about; remove it',
  nested_too_deep: 'is nested deeper than 100 levels',
  not_an_object: 'is no object',
  not_a_list: 'is no list',
  not_text: 'is no text; quote it',
  not_a_truth_value: 'is neither true nor false',
  not_a_whole_number: 'is no whole number',
  kind_missing: 'is missing, so this is no Kubernetes object',
  api_version_missing: 'is missing, so this is no Kubernetes object',
  name_missing: 'is missing',
  name_invalid: 'is no name that Kubernetes accepts',
  namespace_invalid: 'is no namespace name that Kubernetes accepts',
  label_key_invalid: 'is no label key that Kubernetes accepts',
  label_value_invalid: 'is no label value that Kubernetes accepts',
  port_invalid: 'is no port from 1 to 65535',
  port_missing: 'is missing',
  protocol_unknown: 'is none of TCP, UDP, SCTP',
  address_invalid: 'is no IP address',
  owner_incomplete: 'lacks a kind, which the API server requires',
  service_type_unknown: 'is none of ClusterIP, NodePort, LoadBalancer, ExternalName',
  lists_too_deep: 'is a list within lists within lists',
  declared_twice: 'is declared before, differently; the later one holds, as with kubectl apply',
} as const satisfies Readonly<Record<string, string>>;

const WORDS: Readonly<Record<ManifestFault, string>> = { ...FAULTS, ...MANIFEST_FAULTS };

export type ManifestFault = keyof typeof MANIFEST_FAULTS | keyof typeof FAULTS;

/** What the problem cost: everything else was read on. `nothing`: the object stands, and the piece matches nothing. */
export type LeftOut = 'file' | 'document' | 'object' | 'field' | 'nothing';

/** One fault of an object, before it is known where the object stands. */
export interface ObjectIssue {
  readonly path: FieldPath;
  readonly fault: ManifestFault;
  readonly leftOut: LeftOut;
  /** More about it, from the data: whoever prints it makes it printable. */
  readonly detail?: string;
}

/** One fault and its place. Documents and lines count from 1; undefined where the file as a whole is meant. */
export interface ManifestProblem {
  readonly file: string;
  readonly document: number | undefined;
  readonly line: number | undefined;
  /** E.g. `spec.ingress[0].from[1].ipBlock.cidr`; empty for the document as a whole. */
  readonly field: string;
  readonly fault: ManifestFault;
  readonly leftOut: LeftOut;
  readonly detail: string | undefined;
}

const PLAIN_KEY = /^\w+$/;

/** `items[2].metadata.labels["a/b"]`. */
export function fieldText(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (PLAIN_KEY.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

const STEP = /\.?(\w+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** The path that {@link fieldText} would write so, as far as it can be read. */
export function parseFieldText(text: string): FieldPath {
  const steps: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const found = STEP.exec(text);
    if (found === null) break;
    const [, key, index, quoted] = found;
    if (key !== undefined) steps.push(key);
    else if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(String(JSON.parse(quoted)));
  }
  return steps;
}

const COST: Readonly<Record<LeftOut, string>> = {
  file: '; the file was left out',
  document: '; the document was left out',
  object: '; the object was left out',
  field: '; that field was left out',
  nothing: '',
};

/** `shop.yaml:12: document 2: spec.ports is no list; the object was left out`: one line, place first. */
export function describeManifestProblem(problem: ManifestProblem): string {
  const { file, line, document, field, fault, leftOut, detail } = problem;
  const place = line === undefined ? file : `${file}:${line}`;
  const inDocument = document === undefined ? '' : `: document ${document}`;
  const what = field === '' ? WORDS[fault] : `${field} ${WORDS[fault]}`;
  const more = detail === undefined ? '' : ` (${detail})`;
  return `${place}${inDocument}: ${what}${more}${COST[leftOut]}`;
}
