import type { PeerKey } from '#core/identity/peer.ts';
import type { PortInterval } from '../certificate.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { DirectionVerdict, Verdict } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import { policyId } from './content-hash.ts';
import { leavingAlone } from './foreign.ts';
import type { Side } from './sides.ts';
import { type Court, worldWith } from './stand-ins.ts';

/** An interval of ports that policies admit between two places. */
export interface AdmittedPorts {
  readonly from: PeerKey;
  readonly to: PeerKey;
  readonly fromText: string;
  readonly toText: string;
  readonly ports: PortInterval;
  /** The rules that let it through, as `namespace/policy egress[0]`. */
  readonly admittedBy: readonly string[];
}

/** One cell, and what the fast engine says of it. */
export interface CellQuestion {
  readonly from: Side;
  readonly to: Side;
  readonly ports: PortInterval;
  readonly expected: 'admitted' | 'denied';
}

/**
 * The two evaluators answered differently. One of them is wrong, so that no certificate may be made: a fault of
 * Bulkhead, to be reported with the message.
 */
export class EvaluatorsDisagree extends Error {
  override readonly name = 'EvaluatorsDisagree';

  constructor({ from, to, ports, expected }: CellQuestion) {
    const where = `${from.text} => ${to.text} : ${ports.protocol} ${ports.from}-${ports.to}`;
    const other = expected === 'admitted' ? 'denied' : 'admitted';
    super(
      `the fast engine says ${expected} and the literal evaluator ${other}: ${where}. No certificate is made; please report this.`,
    );
  }
}

const blameOf = (verdict: DirectionVerdict, policies: readonly NetworkPolicy[]): readonly string[] =>
  verdict.allowedBy.map(({ policy, rule }) => {
    const named = policies[policy];
    return `${named === undefined ? '?' : policyId(named)} ${verdict.direction}[${rule}]`;
  });

/** A direction that no policy isolates is open: there is no rule to blame, which is worth saying of a pod. */
const openNote = ({ endpoint, text }: Side, direction: string): readonly string[] =>
  endpoint.kind === 'pod' ? [`${text} ${direction} is open`] : [];

/** Puts cells to the literal evaluator, under the policies that select either end: no others have a say. */
export class CellJudge {
  /** Questions put so far. */
  asked = 0;
  private readonly court: Court;

  constructor(court: Court) {
    this.court = court;
  }

  /**
   * What the cell admits, or undefined: denied, or no policy's doing, as what a node may open to its own pods. Throws
   * {@link EvaluatorsDisagree} when it is not as expected.
   */
  judge(question: CellQuestion): AdmittedPorts | undefined {
    const { from, to, ports, expected } = question;
    const policies = [...new Set([...from.selecting, ...to.selecting])];
    const ends = { from: from.endpoint, to: to.endpoint, profile: this.court.profile };
    const asked = leavingAlone(ends, { from: from.isForeign, to: to.isForeign });
    const verdict = evaluate(
      worldWith(this.court, policies),
      { from: asked.from, to: asked.to, protocol: ports.protocol, port: ports.from },
      asked.profile,
    );
    this.asked += 1;
    if (verdict.reason !== 'policy') return undefined;
    if (verdict.allowed !== (expected === 'admitted')) throw new EvaluatorsDisagree(question);
    return verdict.allowed ? admittedPorts(question, verdict, policies) : undefined;
  }
}

function admittedPorts(
  { from, to, ports }: CellQuestion,
  { egress, ingress }: Verdict,
  policies: readonly NetworkPolicy[],
): AdmittedPorts {
  const rules = [...blameOf(egress, policies), ...blameOf(ingress, policies)];
  const open = [
    ...(egress.isolated ? [] : openNote(from, 'egress')),
    ...(ingress.isolated ? [] : openNote(to, 'ingress')),
  ];
  return {
    from: from.place,
    to: to.place,
    fromText: from.text,
    toText: to.text,
    ports,
    admittedBy: [...rules, ...open],
  };
}
