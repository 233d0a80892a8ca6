import { formatInstant } from '#core/flow/time.ts';
import { lossKindText, noHoldOutText, rateText } from '#core/policy/holdout/describe-hold-out.ts';
import { type HoldOut, type HoldOutRow, LOSS_KINDS } from '#core/policy/holdout/hold-out.ts';
import { code, sentence, table } from './markdown.ts';

type Lines = readonly string[];

/** Rows that the page shows; `evidence.json` has more. */
const ROWS_SHOWN = 40;

const isLoss = ({ kind }: Pick<HoldOutRow, 'kind'>): boolean => LOSS_KINDS.some((each) => each === kind);

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function verdict(holdOut: HoldOut): Lines {
  const { admitted, lost, standing, unjudged, rejected, untested } = holdOut;
  const all = admitted.conversations + lost.conversations;
  const lostText =
    lost.edges === 0
      ? `Of ${counted(all, 'conversation')} in the rest, none would have been lost.`
      : `Of ${counted(all, 'conversation')} in the rest, **${lost.conversations} on ${counted(lost.edges, 'edge')} would have been lost (${rateText(holdOut)})**.`;
  const beside = [
    ...(standing.edges === 0
      ? []
      : [`${counted(standing.conversations, 'conversation')} that no amount of learning admits`]),
    ...(unjudged.edges === 0 ? [] : [`${counted(unjudged.conversations, 'conversation')} not judged`]),
    ...(rejected.edges === 0
      ? []
      : [`${counted(rejected.conversations, 'conversation')} that a person rejected`]),
  ];
  return [
    lostText,
    ...(beside.length === 0 ? [] : [`Beside them: ${beside.join('; ')}.`]),
    ...(untested === 0
      ? []
      : [
          `${counted(untested, 'accepted edge')} had no conversation in the rest, so nothing was tested of them.`,
        ]),
  ];
}

function rowsTable({ rows, rowsLeftOut }: HoldOut): Lines {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, ROWS_SHOWN);
  const hidden = rows.length - shown.length + rowsLeftOut;
  return [
    ...table(
      ['conversation', 'count', 'kind', 'lost', 'and now'],
      shown.map((row) => [
        code(row.line),
        `${row.extent === 'some' ? 'at most ' : ''}${row.conversations}`,
        lossKindText(row.kind),
        isLoss(row) ? 'yes' : 'in any case',
        sentence(row.note),
      ]),
    ),
    '',
    ...(hidden === 0 ? [] : [`${counted(hidden, 'more row')} in \`evidence.json\`.`, '']),
  ];
}

/** What policies learnt from the first part of the window would have lost of the rest. */
export function holdOutSection(holdOut: HoldOut | undefined): Lines {
  const nothing = noHoldOutText(holdOut);
  if (holdOut === undefined || nothing !== undefined) return ['## Hold-out', '', `None: ${nothing}`, ''];
  const { span, cutAt, share } = holdOut;
  const intro = `Policies learnt up to ${formatInstant(cutAt)} alone, judged by what passed in the last ${Math.round(share * 100)} % of the data (until ${formatInstant(span.until)}): what they would have lost is what to expect of these.`;
  return ['## Hold-out', '', intro, '', ...verdict(holdOut), '', ...rowsTable(holdOut)];
}
