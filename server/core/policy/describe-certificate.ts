import type { CertificateTotals, Extra, ExtraKind } from './certificate.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** `99.3 %`, or in words where no conversation was let through that could be admitted. */
export const coverageText = ({ trainingConversations, coverage }: CertificateTotals): string =>
  trainingConversations === 0 ? 'nothing to admit' : percent(coverage);

/** `96.2 %`, or in words where the policies admit nothing at all. */
export const tightnessText = ({ admittedEdges, extras, tightness }: CertificateTotals): string =>
  admittedEdges === 0 && extras === 0 ? 'nothing is admitted' : percent(tightness);

/** `TCP 443` or `UDP 1-52`. */
export const portsText = ({ ports }: Pick<Extra, 'ports'>): string =>
  `${ports.protocol} ${ports.from === ports.to ? ports.from : `${ports.from}-${ports.to}`}`;

/** `shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432`. */
export const describeExtra = (extra: Extra): string => `${extra.from} => ${extra.to} : ${portsText(extra)}`;

/** `8 declared, 1 collision, 0 surprises`: how many extras there are of each kind. */
export function extraKindsText(extras: readonly Extra[]): string {
  const countOf = (kind: ExtraKind): number => extras.filter((each) => each.kind === kind).length;
  const [budgeted, collisions] = [countOf('budgeted'), countOf('collision')];
  const surprises = countOf('surprise');
  return [
    `${countOf('declared')} declared`,
    ...(budgeted === 0 ? [] : [`${budgeted} budgeted`]),
    `${collisions} collision${collisions === 1 ? '' : 's'}`,
    `${surprises} surprise${surprises === 1 ? '' : 's'}`,
  ].join(', ');
}
