import type { Family } from './address-axis.ts';
import type { Clause, CompiledPolicy, Direction } from './compile-policy.ts';
import { type EndFacts, FAMILIES, sightOf } from './end-facts.ts';
import { means, type NamespaceLabels } from './peer-term.ts';
import { covers, type PortTerm, pointSpan } from './port-axis.ts';
import { mayMean } from './selector.ts';

/** What ends that are in no class are judged by. */
export interface Court {
  /** The policies of one namespace. */
  readonly policiesIn: (namespace: string) => readonly CompiledPolicy[];
  readonly labelsOf: NamespaceLabels;
}

/** A connection between two ends of which all is known that policies can tell. */
export interface Meeting {
  readonly from: EndFacts;
  readonly to: EndFacts;
  /** The place of the destination port, {@link portCode}. */
  readonly code: number;
}

/** Judges one connection from the compiled policies alone, for ends that no class stands for. */
export function judgeDirectly(court: Court, meeting: Meeting): boolean {
  const hasChoice = meeting.from.speaks === 'both' || meeting.to.speaks === 'both';
  return (hasChoice ? FAMILIES : ONE_FAMILY).some(
    (family) => isOpen(court, meeting, ['egress', family]) && isOpen(court, meeting, ['ingress', family]),
  );
}

/** Ends that have no choice are seen alike in either family. */
const ONE_FAMILY = FAMILIES.slice(0, 1);

function isOpen(court: Court, meeting: Meeting, [direction, family]: readonly [Direction, Family]): boolean {
  const subject = direction === 'egress' ? meeting.from : meeting.to;
  const { selectable } = subject;
  if (selectable === undefined) return true;
  const clauses = court
    .policiesIn(selectable.namespace)
    .map((policy) => policy[direction])
    .filter((clause) => clause !== undefined && mayMean(clause.subjects, selectable.labels));
  const peer = {
    facts: direction === 'egress' ? meeting.to : meeting.from,
    sight: sightOf(subject, family),
  };
  const lets = (clause: Clause | undefined): boolean =>
    clause?.grants.some(
      (grant) => isCovered(grant.ports, meeting) && means(grant.peer, peer, court.labelsOf),
    ) ?? false;
  return clauses.length === 0 || clauses.some(lets);
}

const isCovered = ({ spans, names }: PortTerm, { to, code }: Meeting): boolean =>
  covers(spans, code) ||
  names.some(({ name, protocol }) =>
    to.namedPorts.some(
      (named) =>
        named.name === name && named.protocol === protocol && pointSpan(protocol, named.port).first === code,
    ),
  );
