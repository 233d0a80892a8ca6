import { describePeer, parseWorkloadId, type WorkloadId } from '#core/identity/peer.ts';
import { compareText } from '#core/order.ts';
import type { BudgetReport, BudgetStep } from '../../certificate.ts';
import type { BudgetedPlace } from '../../certify/budgeted-places.ts';
import { printable } from '../../printable.ts';
import { clausesOf } from '../rules.ts';
import type { Side } from './side.ts';
import { type Neighbourhood, type Widening, widenedSide, wideningsOf } from './widening.ts';

/** What a budget of extras bought. */
export interface Spending {
  readonly sides: readonly Side[];
  readonly report: BudgetReport;
  /** What each step admits, for the certificate to tell these extras from others. */
  readonly admits: readonly BudgetedPlace[];
}

/** A widening with what it is worth. */
interface Offer {
  readonly side: number;
  readonly widening: Widening;
  /** Rules and peers that a reader is spared. */
  readonly saved: number;
}

const clauseCount = (side: Side): number => {
  const { rules, peers } = clausesOf(side.rows);
  return rules + peers;
};

const orderOf = ({ widening: { row, gone } }: Offer): string =>
  `${row.text}|${gone.map(({ text }) => text).join(',')}`;

const scoreOf = ({ saved, widening }: Offer): number => saved / widening.extra;

const bestFirst = (a: Offer, b: Offer): number => {
  const [scoreA, scoreB] = [scoreOf(a), scoreOf(b)];
  if (scoreA !== scoreB) return scoreA > scoreB ? -1 : 1;
  return (
    b.saved - a.saved ||
    a.widening.extra - b.widening.extra ||
    a.side - b.side ||
    compareText(orderOf(a), orderOf(b))
  );
};

/** What may be bought on a side for this much, and saves something. */
function offersOf(
  facts: { readonly side: Side; readonly index: number; readonly left: number },
  neighbourhood: Neighbourhood,
): readonly Offer[] {
  const { side, index, left } = facts;
  const before = clauseCount(side);
  return wideningsOf(side, neighbourhood)
    .filter(({ extra }) => extra <= left)
    .map((widening) => ({
      side: index,
      widening,
      saved: before - clauseCount(widenedSide(side, widening)),
    }))
    .filter(({ saved }) => saved > 0)
    .sort(bestFirst);
}

/** `shop/web[Deployment]` or the block itself. */
function placeText(place: string): string {
  const id = place.slice('workload:'.length) as WorkloadId; // it was made from one, by peerKey
  if (!place.startsWith('workload:')) return place.slice(place.indexOf(':') + 1);
  return describePeer({ kind: 'workload', id });
}

function stepOf({ subject, direction }: Side, { widening, saved }: Offer): BudgetStep {
  const toOrFrom = direction === 'egress' ? 'to' : 'from';
  return {
    workload: subject,
    direction,
    kind: widening.kind,
    what: printable(`${toOrFrom} ${widening.row.widened ?? widening.row.text}`),
    saved,
    extra: widening.extra,
    admits: widening.extras.map(({ place, ports }) => ({
      peer: printable(placeText(place)),
      ports: [...ports].map((port) => port.replace(/ 0+/, ' ')).sort(compareText),
    })),
  };
}

/**
 * Spends a budget of extras where it saves most: greedy by rules and peers saved for each from–to–port triple that is
 * admitted and was not seen. A side is counted on its own, as if the other end let everything through, so that the sum
 * bounds what the certificate finds. Each round looks at one side's offers again: time grows with steps × offers.
 */
export function* spendingBudget(
  sides: readonly Side[],
  maxExtra: number,
  neighbourhood: Neighbourhood,
): Generator<undefined, Spending> {
  const current = [...sides];
  const steps: BudgetStep[] = [];
  const admits: BudgetedPlace[] = [];
  let left = maxExtra;
  const offers = current.map((side, index) => offersOf({ side, index, left }, neighbourhood));
  for (;;) {
    yield undefined;
    const affordable = offers.map((all) => all.find(({ widening }) => widening.extra <= left));
    const [best] = affordable.filter((offer) => offer !== undefined).sort(bestFirst);
    const side = best === undefined ? undefined : current[best.side];
    if (best === undefined || side === undefined) break;
    const { widening } = best;
    left -= widening.extra;
    steps.push(stepOf(side, best));
    const { subject, direction } = side;
    const { namespace, name } = parseWorkloadId(subject);
    const why = printable(
      `A budget of ${maxExtra} extras bought ${namespace}/${name} ${direction} ${stepOf(side, best).what}.`,
    );
    admits.push(...widening.extras.map((each) => ({ ...each, subject, direction, why })));
    const widened = widenedSide(side, widening);
    current[best.side] = widened;
    offers[best.side] = offersOf({ side: widened, index: best.side, left }, neighbourhood);
  }
  return { sides: current, report: { maxExtra, spent: maxExtra - left, steps }, admits };
}
