import type { WorkloadId } from '#core/identity/peer.ts';
import { describePeer, type PeerKey, peerKey } from '#core/identity/peer.ts';
import { sortedText } from '#core/order.ts';
import { type CellEdge, cellKey, cellsOf, type DeclaredCell } from '../cell.ts';
import type { JudgedEdge, NotAdmittedReason, Universe } from '../certificate.ts';
import { addressAtoms } from './address-atoms.ts';
import { type BudgetedPlace, budgetNotes } from './budgeted-places.ts';
import { type ExtraJudgement, extrasOf } from './extras.ts';
import {
  type CellJudgement,
  EVERY_CELL_UP_TO,
  judgeCells,
  type Progress,
  SAMPLE_SIZE,
  type Thoroughness,
} from './judge-cells.ts';
import { type EdgeJudge, edgeJudge } from './judge-edges.ts';
import { cidrsOf, portCuts } from './policy-facts.ts';
import { intervalsOf, POLICY_PROTOCOLS } from './port-intervals.ts';
import { SeenCells } from './seen-cells.ts';
import type { Court } from './stand-ins.ts';

/** What was seen, and what explains the rest. */
export interface Hearing {
  readonly accepted: readonly CellEdge[];
  readonly unaccepted: readonly { readonly edge: CellEdge; readonly reason: NotAdmittedReason }[];
  readonly declared: readonly DeclaredCell[];
  readonly collisions: ReadonlyMap<WorkloadId, readonly WorkloadId[]>;
  /** What a budget of extras opened. */
  readonly budgeted: readonly BudgetedPlace[];
}

export interface Judgement {
  readonly judgeEdge: EdgeJudge;
  readonly extras: ExtraJudgement;
  readonly cells: CellJudgement;
  readonly universe: Universe;
}

/** What a certificate says of the edges it was made for, as it was heard. */
export function hearingOf(conversations: readonly JudgedEdge[]): Hearing {
  return {
    accepted: conversations.filter(({ accepted }) => accepted),
    unaccepted: conversations
      .filter(({ accepted }) => !accepted)
      .map((edge) => ({ edge, reason: edge.reason ?? 'rejected' })),
    declared: [],
    collisions: new Map(),
    budgeted: [],
  };
}

function collisionNotes(collisions: Hearing['collisions']): ReadonlyMap<PeerKey, string> {
  const name = (id: WorkloadId): string => describePeer({ kind: 'workload', id });
  const notes = new Map<PeerKey, string>();
  for (const [id, others] of collisions) {
    for (const other of others) {
      const note = `The labels that select ${name(id)} also select ${name(other)}.`;
      notes.set(peerKey({ kind: 'workload', id: other }), note);
    }
  }
  return notes;
}

/** How a certificate is proven; the seed follows from what is judged, so that equal inputs give equal draws. */
export const thoroughlyWith = (seed: string): Thoroughness => ({
  everyCellUpTo: EVERY_CELL_UP_TO,
  sample: SAMPLE_SIZE,
  seed,
});

/** Judges every cell of the universe. */
export function* judgeCourt(
  court: Court,
  hearing: Hearing,
  thoroughness: Thoroughness,
): Generator<Progress | undefined, Judgement> {
  const unaccepted = new Map(
    hearing.unaccepted.flatMap(({ edge, reason }) =>
      cellsOf(edge).map((cell): [string, NotAdmittedReason] => [cellKey(cell), reason]),
    ),
  );
  const apart = [...hearing.declared, ...hearing.unaccepted.flatMap(({ edge }) => cellsOf(edge))];
  const seen = new SeenCells(hearing.accepted, apart);
  yield;
  const cells = yield* judgeCells(court, seen, thoroughness);
  yield;
  const extras = extrasOf(cells.admitted, {
    seen,
    declared: new Map(hearing.declared.map((cell) => [cellKey(cell), cell.why])),
    unaccepted,
    collisions: collisionNotes(hearing.collisions),
    budgeted: budgetNotes(hearing.budgeted),
  });
  yield;
  return {
    judgeEdge: edgeJudge(court, cells.standIns),
    extras,
    cells,
    universe: universeOf(court, cells, seen),
  };
}

const DESCRIPTION =
  'Pods of the scope with every pod seen, both ways, and with each address and entity outside, over TCP, UDP and SCTP ' +
  'and every port. Pods of a workload that no policy tells apart are judged as one; ports are cut where a policy or a ' +
  'training conversation sets them apart, addresses where a block does; the rest of each is judged by one of it. ' +
  'Ports of an interval count one by one, addresses of one atom count as one. What policies can not forbid (a node to ' +
  'its own pods, a pod to itself) is no extra; other protocols and pods never seen are outside of it.';

const HOW_SAMPLED =
  'The fast engine answered every cell. The literal evaluator was asked about each that is admitted and about cells drawn ' +
  'at random from those that are not, and gave the same answers.';

function universeOf(court: Court, cells: CellJudgement, seen: SeenCells): Universe {
  const { policies } = court;
  const sides = ['ingress', 'egress'] as const;
  const blocks = policies.flatMap((policy) => sides.flatMap((side) => cidrsOf(policy, side)));
  const places = cells.standIns.flatMap(({ place }) => sides.flatMap((side) => seen.cidrsOf(place, side)));
  const inScope = cells.standIns.filter((each) => each.inScope);
  const atoms = addressAtoms([...blocks, ...places]);
  return {
    description: cells.sample === undefined ? DESCRIPTION : `${DESCRIPTION} ${HOW_SAMPLED}`,
    pods: inScope.length,
    peers: cells.standIns.length + atoms.length,
    portIntervals: POLICY_PROTOCOLS.flatMap((protocol) => {
      const cuts = policies.flatMap((policy) => sides.flatMap((side) => portCuts(policy, side, protocol)));
      return intervalsOf(protocol, [...cuts, ...seen.allCuts(protocol)]);
    }),
    cidrAtoms: sortedText(atoms.map(({ text }) => text)),
    cellsJudged: cells.cellsJudged,
    ...(cells.sample === undefined ? {} : { cells: cells.cells, sample: cells.sample }),
  };
}
