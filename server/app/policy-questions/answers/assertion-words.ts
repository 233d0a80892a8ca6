import { describePorts } from '#core/policy/connections/port-set.ts';
import type { Decision } from '#core/policy/explain/explain.ts';
import type { Step, StepSide } from '#core/policy/segments/judged-path.ts';
import type { Assertion, Exception } from '#core/policy/segments/segments-file.ts';
import { placedName, policyName, ruleText, type Sources } from '../placed-policies.ts';

const MOST_NAMED = 4;

/** `a, b, c and 12 more`. */
export function listText(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  const hidden = names.length - MOST_NAMED;
  return hidden > 0 ? `${shown} and ${hidden} more` : shown;
}

const joined = (names: readonly string[]): string => names.join(' or ');

function exceptionText({ from, reaches, ports }: Exception): string {
  const parts = [
    ...(from === undefined ? [] : [`from ${joined(from)}`]),
    ...(reaches === undefined ? [] : [`to ${joined(reaches)}`]),
    ...(ports === undefined ? [] : [`on ${describePorts(ports)}`]),
  ];
  return parts.join(' ');
}

/** `only payments reaches db on TCP 5432`: an assertion as a sentence. */
export function assertionText({ verb, from, reaches, ports, hops, except }: Assertion): string {
  const on = ports === undefined ? '' : ` on ${describePorts(ports)}`;
  const words = {
    only: `only ${joined(from)} reaches ${joined(reaches)}${on}`,
    never: `${joined(from)} never reaches ${joined(reaches)}${on}`,
    may: `${joined(from)} may reach ${joined(reaches)}${on}`,
  };
  const through = hops === 1 ? '' : `, nor through others${hops === 'any' ? '' : ` in ${hops} connections`}`;
  const but = except.length === 0 ? '' : `, except ${except.map(exceptionText).join('; ')}`;
  return `${words[verb]}${through}${but}`;
}

const TELLING: readonly Decision[] = ['denied', 'allowed', 'open', 'ungoverned'];

/** Names of the ends a sentence is about; several are named once and then meant by `them`. */
export interface NamedEnds {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

const itOrThem = (names: readonly string[]): string => (names.length === 1 ? (names[0] ?? '') : 'them');

const subjectOf = ({ direction }: StepSide, { from, to }: NamedEnds): string =>
  itOrThem(direction === 'ingress' ? to : from);

/** What one direction says of a step, a line for each rule. */
export function sideLines(side: StepSide, ends: NamedEnds, sources: Sources): readonly string[] {
  const { direction, decisions, isolatedBy, allowedBy } = side;
  return TELLING.filter((decision) => decisions.includes(decision)).flatMap((decision) => {
    switch (decision) {
      case 'denied':
        return [
          `${direction}: denied, isolated by ${listText(isolatedBy.map((policy) => placedName(policy, sources)))}`,
        ];
      case 'open':
        return [`${direction}: no policy isolates ${subjectOf(side, ends)}`];
      case 'ungoverned':
        // Of what lies outside everybody knows.
        return side.subject === 'pods'
          ? [
              `${direction}: no NetworkPolicy governs ${subjectOf(side, ends)}, which has the network of its node`,
            ]
          : [];
      default:
        return allowedBy.map((rule) => `${direction}: allowed by ${shortened(ruleText(rule, sources))}`);
    }
  });
}

const LONGEST_RULE = 160;

/** A rule with many peers says enough by its place. */
const shortened = (text: string): string =>
  text.length > LONGEST_RULE ? `${text.slice(0, LONGEST_RULE)}…` : text;

const rulesText = ({ allowedBy }: StepSide): string =>
  listText(allowedBy.map(({ policy, direction, rule }) => `${policyName(policy)} ${direction}[${rule}]`));

/** What would close one side; undefined where no policy governs it. */
function closingSide(
  side: StepSide,
  ends: NamedEnds,
  { verb, from, reaches }: Assertion,
): string | undefined {
  const isIngress = side.direction === 'ingress';
  const subject = itOrThem(isIngress ? ends.to : ends.from);
  if (side.decisions.includes('open')) {
    const allowed = isIngress
      ? verb === 'only'
        ? `lets in ${joined(from)} alone`
        : `lets in whom it needs, and not ${joined(from)}`
      : `lets it reach what it needs, and not ${joined(reaches)}`;
    return `isolate the ${side.direction} of ${subject} with a policy that selects it and ${allowed}`;
  }
  if (side.allowedBy.length === 0) return undefined;
  const other = isIngress ? ends.from : ends.to;
  const them = side.allowedBy.length === 1 ? 'it no longer means' : 'they no longer mean';
  return `narrow ${rulesText(side)} so that ${them} ${itOrThem(other)}`;
}

/** One sentence that says what would mend a step: closing one side is enough, opening takes both. */
export function closingText(step: Step, ends: NamedEnds, assertion: Assertion): string {
  const { egress, ingress, reason } = step;
  if (assertion.verb === 'may') {
    const denied = [egress, ingress].filter(({ decisions }) => decisions.includes('denied'));
    const rules = denied.map(({ direction }) =>
      direction === 'egress'
        ? `an egress rule of ${itOrThem(ends.from)} to ${listText(ends.to)}`
        : `an ingress rule of ${itOrThem(ends.to)} from ${listText(ends.from)}`,
    );
    return `add ${rules.join(' and ')} on ${describePorts(step.ports)}; bulkhead explain writes the smallest one`;
  }
  if (reason === 'own-node') return 'none: a node may always reach the pods it runs';
  const close = closingSide(ingress, ends, assertion) ?? closingSide(egress, ends, assertion);
  return close === undefined ? 'none: neither end is a pod that a NetworkPolicy governs' : close;
}
