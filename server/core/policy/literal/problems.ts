import type {
  IpBlock,
  LabelSelector,
  LabelSelectorRequirement,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../network-policy.ts';
import { type Fault, isAbsent, isObject, type PolicyProblem } from './fault.ts';
import { exceptFault, isCidr } from './ip-block.ts';
import { peerFault } from './peers.ts';
import { portFault } from './ports.ts';
import { isLabelKey, isLabelValue, requirementFault } from './selector.ts';

/** A piece of the document and where it stands. */
interface Place {
  readonly path: string;
  readonly found: PolicyProblem[];
}

const POLICY_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
const SPEC_FIELDS = ['podSelector', 'policyTypes', 'ingress', 'egress'];
const SELECTOR_FIELDS = ['matchLabels', 'matchExpressions'];
const REQUIREMENT_FIELDS = ['key', 'operator', 'values'];
const PEER_FIELDS = ['podSelector', 'namespaceSelector', 'ipBlock'];
const PORT_FIELDS = ['protocol', 'port', 'endPort'];
const BLOCK_FIELDS = ['cidr', 'except'];

/**
 * Everything in a policy that the API server would not take, in document order with field paths. The judge reads such
 * pieces in their strictest sense, so a claim about a policy that has any is a claim about a policy nobody can apply.
 */
export function policyProblems(policy: NetworkPolicy): readonly PolicyProblem[] {
  const found: PolicyProblem[] = [];
  const root: Place = { path: '', found };
  if (!checkFields(policy, POLICY_FIELDS, root)) return found;
  checkHeader(policy, root);
  const spec: unknown = policy.spec;
  const at = below(root, 'spec');
  if (!checkFields(spec, SPEC_FIELDS, at)) return found;
  const { podSelector, policyTypes } = policy.spec;
  if (isAbsent(podSelector)) report(below(at, 'podSelector'), 'pod_selector_missing');
  else checkSelector(podSelector, below(at, 'podSelector'));
  eachOf(policyTypes, below(at, 'policyTypes'), checkPolicyType);
  eachOf(policy.spec.ingress, below(at, 'ingress'), (rule, place) => checkRule(rule, 'from', place));
  eachOf(policy.spec.egress, below(at, 'egress'), (rule, place) => checkRule(rule, 'to', place));
  return found;
}

function checkHeader(policy: NetworkPolicy, root: Place): void {
  const { kind, apiVersion, metadata } = policy;
  if (!isAbsent(kind) && kind !== 'NetworkPolicy') report(below(root, 'kind'), 'kind_unexpected');
  if (!isAbsent(apiVersion) && apiVersion !== 'networking.k8s.io/v1') {
    report(below(root, 'apiVersion'), 'kind_unexpected');
  }
  const at = below(root, 'metadata');
  if (!isObject(metadata)) {
    report(at, 'not_an_object');
    return;
  }
  if (typeof metadata.name !== 'string') report(below(at, 'name'), 'not_text');
  const namespace: unknown = metadata.namespace;
  if (!isAbsent(namespace) && typeof namespace !== 'string') report(below(at, 'namespace'), 'not_text');
}

function checkPolicyType(type: unknown, at: Place): void {
  if (type !== 'Ingress' && type !== 'Egress') report(at, 'policy_type_unknown');
}

function checkRule(rule: unknown, side: 'from' | 'to', at: Place): void {
  if (!checkFields(rule, [side, 'ports'], at)) return;
  const parts = rule as Readonly<Record<string, unknown>>;
  eachOf(parts['ports'], below(at, 'ports'), checkPort);
  eachOf(parts[side], below(at, side), checkPeer);
}

function checkPort(entry: unknown, at: Place): void {
  if (!checkFields(entry, PORT_FIELDS, at)) return;
  const fault = portFault(entry as NetworkPolicyPort);
  if (fault !== undefined) report(at, fault);
}

function checkPeer(entry: unknown, at: Place): void {
  if (!checkFields(entry, PEER_FIELDS, at)) return;
  const peer = entry as NetworkPolicyPeer;
  const fault = peerFault(peer);
  if (fault !== undefined) report(at, fault);
  if (!isAbsent(peer.podSelector)) checkSelector(peer.podSelector, below(at, 'podSelector'));
  if (!isAbsent(peer.namespaceSelector))
    checkSelector(peer.namespaceSelector, below(at, 'namespaceSelector'));
  if (!isAbsent(peer.ipBlock)) checkBlock(peer.ipBlock, below(at, 'ipBlock'));
}

function checkBlock(block: IpBlock, at: Place): void {
  if (!checkFields(block, BLOCK_FIELDS, at)) return;
  if (!isCidr(block.cidr)) report(below(at, 'cidr'), 'cidr_invalid');
  eachOf(block.except, below(at, 'except'), (text, place) => {
    const fault = exceptFault(text, block.cidr);
    if (fault !== undefined) report(place, fault);
  });
}

function checkSelector(selector: LabelSelector, at: Place): void {
  if (!checkFields(selector, SELECTOR_FIELDS, at)) return;
  checkLabels(selector.matchLabels, below(at, 'matchLabels'));
  eachOf(selector.matchExpressions, below(at, 'matchExpressions'), (requirement, place) => {
    if (!checkFields(requirement, REQUIREMENT_FIELDS, place)) return;
    const fault = requirementFault(requirement as LabelSelectorRequirement);
    if (fault !== undefined) report(place, fault);
  });
}

function checkLabels(labels: LabelSelector['matchLabels'], at: Place): void {
  if (isAbsent(labels)) return;
  if (!isObject(labels)) {
    report(at, 'not_an_object');
    return;
  }
  for (const [key, value] of Object.entries(labels)) {
    if (!isLabelKey(key)) report(keyed(at, key), 'label_key_invalid');
    if (!isLabelValue(value)) report(keyed(at, key), 'label_value_invalid');
  }
}

/** False when there is no object to look into; fields the API does not know are named. */
function checkFields(value: unknown, known: readonly string[], at: Place): boolean {
  if (typeof value !== 'object' || value === null || !isObject(value)) {
    report(at, 'not_an_object');
    return false;
  }
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) report(keyed(at, field), 'field_unknown');
  }
  return true;
}

function eachOf(list: unknown, at: Place, check: (item: unknown, at: Place) => void): void {
  if (isAbsent(list)) return;
  if (!Array.isArray(list)) {
    report(at, 'not_a_list');
    return;
  }
  list.forEach((item, index) => {
    check(item, { path: `${at.path}[${index}]`, found: at.found });
  });
}

const below = (at: Place, field: string): Place => ({
  path: at.path === '' ? field : `${at.path}.${field}`,
  found: at.found,
});

/** A key that a stranger chose: quoted unless it reads as a plain field name. */
const keyed = (at: Place, key: string): Place =>
  /^\w+$/.test(key) ? below(at, key) : { path: `${at.path}[${JSON.stringify(key)}]`, found: at.found };

/** The whole document has no path of its own. */
function report(at: Place, fault: Fault): void {
  at.found.push({ path: at.path === '' ? 'policy' : at.path, fault });
}
