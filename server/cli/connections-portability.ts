import type { PlacedPolicy } from '#core/policy/cluster/cluster-model.ts';
import type { CauseKind } from '#core/policy/connections/difference-causes.ts';
import { describePorts } from '#core/policy/connections/port-set.ts';
import type { PortabilityDifference } from '#core/policy/connections/portability.ts';
import type { HintKind, PortabilityHint } from '#core/policy/connections/portability-hints.ts';
import { PROFILES } from '#core/policy/literal/profiles.ts';
import { plural, printable } from './terminal.ts';

/** Pairs shown below one cause; JSON has all of them. */
const SHOWN_ENDS = 10;

interface Words {
  /** Half a sentence, after the place. */
  readonly why: string;
  /** A sentence: what to write instead. */
  readonly instead: string;
}

const CAUSES: Readonly<Record<CauseKind, Words>> = {
  'block-and-pod': {
    why: 'the ipBlock holds addresses of pods, and this network never holds a block against a pod',
    instead: 'Name the pods: podSelector, and namespaceSelector where they live elsewhere.',
  },
  'block-and-node': {
    why: 'the ipBlock holds addresses of nodes, and this network does not hold a block against a node',
    instead:
      'Keep the block for the others; here add a CiliumNetworkPolicy with the entities host and remote-node, or set policyCIDRMatchMode: nodes.',
  },
  'selector-and-host-network': {
    why: "the selector fits a pod on its node's network, and this network lets that node in",
    instead:
      'Ask for a label that pods with hostNetwork do not have; name nodes by an ipBlock where they are meant.',
  },
  'node-namespace': {
    why: 'an empty podSelector beside this namespaceSelector also means every node on this network',
    instead: 'Leave the empty podSelector out, or name the namespaces by kubernetes.io/metadata.name.',
  },
  'bare-pod': {
    why: 'the pod has no controller, and this network applies no policy to such a pod',
    instead: 'Let a Deployment, StatefulSet or Job make the pod.',
  },
  'own-node': {
    why: 'a pod may always connect to the node it runs on, whatever policies say',
    instead: 'No NetworkPolicy can close this here; what the node serves must be closed on the node.',
  },
};

const HINTS: Readonly<Record<HintKind, Words>> = {
  'private-block': {
    why: 'if these private addresses are those of pods or nodes, the rule admits nothing on this network',
    instead: 'Name pods by selectors.',
  },
  'both-families': {
    why: "this network applies only the blocks of the cluster's own family",
    instead: 'Do not count on the blocks of the other one.',
  },
  sctp: {
    why: 'this network carries SCTP only where it was switched on',
    instead: 'Set sctp.enabled in the Helm values.',
  },
  'service-port': {
    why: "this network asks that a Service's port be the port of its pods",
    instead: 'Give the Service the port of its pods.',
  },
  'service-selector': {
    why: "this network sees the Service's address, and opens it only for a rule whose selector fits the Service's own",
    instead: 'Ask in the rule only for labels that the Service selects by.',
  },
};

const placeOf = ({ policy, source }: PlacedPolicy, rule: string | undefined): string => {
  const { namespace, name } = policy.metadata;
  return `${namespace ?? 'default'}/${name}${rule === undefined ? '' : ` ${rule}`} (${source.file}:${source.line})`;
};

function causeLines(difference: PortabilityDifference): readonly string[] {
  const { cause, policies, rule, ends } = difference;
  const { why, instead } = CAUSES[cause];
  const places = policies.map((policy) => placeOf(policy, rule)).join(', ');
  const shown = ends.slice(0, SHOWN_ENDS);
  const hidden = ends.length - shown.length;
  return [
    `  ${places === '' ? '' : `${printable(places)}: `}${why}`,
    ...shown.map(({ from, to, ports }) => `    ${printable(`${from} => ${to} : ${describePorts(ports)}`)}`),
    ...(hidden > 0 ? [`    and ${plural(hidden, 'more pair')}; --json lists all of them`] : []),
    `    ${instead}`,
  ];
}

const EFFECTS: Readonly<Record<PortabilityDifference['effect'], string>> = {
  allowed: 'allows what the specification denies',
  denied: 'denies what the specification allows',
};

function hintLine(hint: PortabilityHint): string {
  const { policy, service, detail, network, kind } = hint;
  const served = service === undefined ? [] : [`Service ${service.namespace}/${service.name}`];
  const ruled = policy === undefined ? [] : [placeOf(policy, undefined)];
  const subject = [...ruled, ...served].join(', ');
  return `  ${network}: ${printable(`${subject}: ${detail}`)}: ${HINTS[kind].why}. ${HINTS[kind].instead}`;
}

/** The networks about which nothing was found. */
const alikeIn = (differences: readonly PortabilityDifference[]): readonly string[] =>
  PROFILES.map(({ name }) => name).filter(
    (name) => name !== 'kubernetes' && !differences.some(({ network }) => network === name),
  );

function verdictLines(differences: readonly PortabilityDifference[]): readonly string[] {
  const alike = alikeIn(differences);
  if (differences.length === 0)
    return [`Portable, as far as manifests tell: ${alike.join(', ')} answer as the specification does.`];
  const same = alike.length === 0 ? '' : ` As the specification: ${alike.join(', ')}.`;
  return [`Not portable: ${plural(differences.length, 'cause')} of other answers.${same}`];
}

/** Differences by network and effect, each with its policy, what hangs on it, and what to write instead. */
export function portabilityText(
  differences: readonly PortabilityDifference[],
  hints: readonly PortabilityHint[],
): string {
  const lines = [...verdictLines(differences)];
  let heading = '';
  for (const difference of differences) {
    const next = `${difference.network} ${EFFECTS[difference.effect]}`;
    if (next !== heading) lines.push('', next);
    heading = next;
    lines.push(...causeLines(difference));
  }
  if (hints.length > 0)
    lines.push('', 'Not to be judged from manifests, and known to matter', ...hints.map(hintLine));
  return lines.map((line) => `${line}\n`).join('');
}

const plainPolicy = ({ policy, source }: PlacedPolicy) => ({
  namespace: policy.metadata.namespace,
  name: policy.metadata.name,
  source,
});

/** The same as plain data. */
export const portabilityJson = (
  differences: readonly PortabilityDifference[],
  hints: readonly PortabilityHint[],
): Record<string, unknown> => ({
  portable: differences.length === 0,
  differences: differences.map((each) => ({
    ...each,
    policies: each.policies.map(plainPolicy),
    ...CAUSES[each.cause],
    ends: each.ends.map((ends) => ({
      ...ends,
      line: `${ends.from} => ${ends.to} : ${describePorts(ends.ports)}`,
    })),
  })),
  hints: hints.map(({ policy, service, ...hint }) => ({
    ...hint,
    ...(policy === undefined ? {} : { policy: plainPolicy(policy) }),
    ...(service === undefined ? {} : { service: { namespace: service.namespace, name: service.name } }),
    ...HINTS[hint.kind],
  })),
});
