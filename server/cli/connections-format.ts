import type { ConnectivityRow } from '#core/policy/connections/connectivity.ts';
import { describeRow } from '#core/policy/connections/describe-row.ts';
import {
  type ConnectionsShown,
  connectionsAnswer,
  type NetworkDifference,
} from '../app/policy-questions/answers/connections.ts';
import { printable } from './terminal.ts';

/** One line a pair, in the order of the rows. */
export const connectionsText = (rows: readonly ConnectivityRow[]): string =>
  rows.map((row) => `${printable(describeRow(row))}\n`).join('');

/** Rows written at once: an open cluster has millions, and their text should not be held twice. */
const ROWS_A_PIECE = 10_000;

/** The same in pieces. */
export function* connectionsPieces(rows: readonly ConnectivityRow[]): Generator<string> {
  for (let at = 0; at < rows.length; at += ROWS_A_PIECE)
    yield connectionsText(rows.slice(at, at + ROWS_A_PIECE));
}

/** One line each, the network first, and the one it was compared with where there are several. */
export function differencesText(differences: readonly NetworkDifference[]): string {
  const networks = new Set(differences.flatMap(({ profile, other }) => [profile, other]));
  const named = ({ profile, other }: NetworkDifference): string =>
    networks.size > 2 ? `${profile}, not ${other}` : profile;
  return differences.map((each) => `${named(each)}: ${printable(each.line)}\n`).join('');
}

/** The list as JSON, with what could not be read and what was not judged. */
export const connectionsJson = (found: ConnectionsShown): string =>
  `${JSON.stringify(connectionsAnswer(found), undefined, 2)}\n`;
