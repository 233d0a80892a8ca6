import { formatInstant } from '#core/flow/time.ts';
import { describePort } from '#core/graph/edge.ts';
import { describePeer } from '#core/identity/peer.ts';
import { describeWorkload, type WorkloadName } from '#core/policy/cluster/cluster-model.ts';
import { describeEnd } from '#core/policy/connections/connectivity.ts';
import { CHANGE_CLASSES, type ChangeClass } from '#core/policy/diff/connection-change.ts';
import { printable } from '#core/policy/printable.ts';
import { type DiffShown, portsText } from '../app/policy-questions/answers/diff.ts';
import {
  alsoText,
  type ChangeGroup,
  deniedText,
  groupsOf,
  totalsText,
  trafficText,
} from './diff-format-words.ts';
import { plural } from './terminal.ts';

/** Text from data as Markdown, by whoever knows how to keep it from becoming markup. */
export interface MarkdownTools {
  /** As a code span. */
  code(text: string): string;
  /** Cells are Markdown already. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[];
}

/** GitHub refuses a comment of more than 65 536 characters. */
export const MOST_CHARACTERS = 60_000;

/** Rows of each meaning; what is left out is counted. */
const MOST_ROWS: Readonly<Record<ChangeClass, number>> = {
  'breaks-observed': 60,
  widened: 60,
  tightened: 30,
  neutral: 10,
};

const TITLES: Readonly<Record<ChangeClass, string>> = {
  'breaks-observed': 'Breaks what was seen',
  widened: 'Widened',
  tightened: 'Tightened',
  neutral: 'Neutral: with a workload, and no policy says otherwise',
};

/** A run of lines that may be cut between two items, and that is closed whatever is cut. */
interface Section {
  readonly open: readonly string[];
  readonly items: readonly string[];
  readonly close: readonly string[];
  /** What to say of items that found no room. */
  hidden(count: number): string;
}

const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length + 1, 0);

/** Room that the end of a section takes at most. */
const CLOSING_ROOM = 200;

/** How many items there is room for, from the first on. */
function itemsThatFit(items: readonly string[], room: number): number {
  let left = room;
  const over = items.findIndex((item) => {
    left -= item.length + 1;
    return left < 0;
  });
  return over === -1 ? items.length : over;
}

/** One section in the room that is left; nothing but a word of it when there is hardly any. */
function fittedSection({ open, items, close, hidden }: Section, room: number): readonly string[] {
  const left = room - lengthOf(open) - lengthOf(close) - CLOSING_ROOM;
  if (left < 0) return room < CLOSING_ROOM ? [] : [hidden(items.length), ''];
  const shown = itemsThatFit(items, left);
  const rest = items.length - shown;
  return [...open, ...items.slice(0, shown), ...close, '', ...(rest > 0 ? [hidden(rest), ''] : [])];
}

/** Lines of sections, in their order, up to the limit. */
function fitted(sections: readonly Section[], limit: number): readonly string[] {
  const lines: string[] = [];
  let left = limit;
  for (const section of sections) {
    const own = fittedSection(section, left);
    lines.push(...own);
    left -= lengthOf(own);
  }
  return lines;
}

const LONGEST_CELL = 300;

const short = (text: string): string => printable(text, LONGEST_CELL);

interface Row {
  readonly cells: readonly string[];
  readonly why: readonly string[];
}

function rowsOf(groups: readonly ChangeGroup[], { code }: MarkdownTools): readonly Row[] {
  return groups.flatMap(({ changes, reasons }) =>
    changes.map((change) => ({
      cells: [
        code(short(describeEnd(change.from))),
        code(short(describeEnd(change.to))),
        `${code(short(portsText(change)))}${alsoText(change)}`,
        trafficText(change) ?? '',
      ],
      why: reasons,
    })),
  );
}

/** Breaks that no pair of the list is about. */
const otherRows = ({ diff, sources }: DiffShown, { code }: MarkdownTools): readonly Row[] =>
  diff.otherBreaks.map(({ edge, extent, conversations, lastSeenAt, sides }) => ({
    cells: [
      code(short(describePeer(edge.from))),
      code(short(describePeer(edge.to))),
      code(`${describePort(edge)} -> none`),
      `${extent === 'some' ? 'at most ' : ''}${plural(conversations, 'conversation')} would break; last ${formatInstant(lastSeenAt)}`,
    ],
    why: sides.map(({ direction, isolatedBy }) => `new: ${deniedText(direction, isolatedBy, sources.new)}`),
  }));

/** The rows of one meaning, and below them why, each reason once. */
function classSections(
  main: ChangeClass,
  all: readonly Row[],
  { code, table }: MarkdownTools,
): readonly Section[] {
  if (all.length === 0) return [];
  const rows = all.slice(0, MOST_ROWS[main]);
  const left = all.length - rows.length;
  const reasons = [...new Set(rows.map(({ why }) => JSON.stringify(why)))];
  const numbered = rows.map(({ cells, why }) => [...cells, String(reasons.indexOf(JSON.stringify(why)) + 1)]);
  const [head = '', rule = '', ...lines] = table(['From', 'To', 'Ports', 'Traffic', 'Why'], numbered);
  const why = reasons.flatMap((key, index) => {
    const told = (JSON.parse(key) as readonly string[]).map((line) => code(short(line)));
    return told.length === 0 ? [] : [`${index + 1}. ${told.join('<br>')}`];
  });
  return [
    {
      open: [`#### ${TITLES[main]} (${all.length})`, '', head, rule],
      items: lines,
      close: left > 0 ? ['', `and ${plural(left, 'more change')}.`] : [],
      hidden: (count) => `and ${plural(count, 'more change')} for which there was no room.`,
    },
    {
      open: ['<details><summary>Why</summary>', ''],
      items: why,
      close: ['', '</details>'],
      hidden: (count) => `and ${plural(count, 'more reason')} for which there was no room.`,
    },
  ];
}

function listSection(title: string, items: readonly string[]): readonly Section[] {
  if (items.length === 0) return [];
  const hidden = (count: number): string => `and ${count} more.`;
  return [{ open: [`#### ${title} (${items.length})`, ''], items, close: [], hidden }];
}

const longestRun = (lines: readonly string[]): number =>
  lines.reduce((most, line) => Math.max(most, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)), 0);

const LONGEST_YAML_LINE = 400;

function yamlSection({ policies }: DiffShown): readonly Section[] {
  const lines = policies
    .flatMap(({ yaml }) => (yaml === '' ? [] : yaml.trimEnd().split('\n')))
    .map((line) => printable(line, LONGEST_YAML_LINE));
  if (lines.length === 0) return [];
  const fence = '`'.repeat(Math.max(3, longestRun(lines) + 1));
  return [
    {
      open: ['<details><summary>YAML</summary>', '', `${fence}diff`],
      items: lines,
      close: [fence, '', '</details>'],
      hidden: (count) => `and ${plural(count, 'more line')} of YAML for which there was no room.`,
    },
  ];
}

function trafficLines({ diff: { observed } }: DiffShown): readonly string[] {
  if (observed === undefined)
    return ['No flows were given: nobody can say whether anything that is used breaks.', ''];
  const { breaks, seen } = observed;
  const broken = breaks.reduce((sum, { conversations }) => sum + conversations, 0);
  const told = `Of ${plural(seen.conversations, 'conversation')} that were seen, ${plural(broken, 'conversation')} would break`;
  const unsure = observed.unjudged.reduce((sum, { conversations }) => sum + conversations, 0);
  return [unsure === 0 ? `${told}.` : `${told}; ${plural(unsure, 'conversation')} could not be judged.`, ''];
}

/** The answer as a comment for a pull request: names from data are code, and it fits into one. */
export function diffMarkdown(shown: DiffShown, tools: MarkdownTools): string {
  const { diff, names, profile, policies, notes } = shown;
  const { code } = tools;
  const groups = groupsOf(shown);
  const sections = CHANGE_CLASSES.flatMap((main) => {
    const others = main === 'breaks-observed' ? otherRows(shown, tools) : [];
    const own = rowsOf(
      groups.filter((group) => group.main === main),
      tools,
    );
    return classSections(main, [...others, ...own], tools);
  });
  const named = (workload: WorkloadName): string => `- ${code(short(describeWorkload(workload)))}`;
  const head = [
    `### Network policies: ${totalsText(diff)}`,
    '',
    `${code(short(names.old))} → ${code(short(names.new))}, as ${profile.name} reads them.`,
    '',
    ...trafficLines(shown),
  ];
  const lines = fitted(
    [
      ...sections,
      ...listSection('Workloads added', diff.workloads.added.map(named)),
      ...listSection('Workloads gone', diff.workloads.gone.map(named)),
      ...listSection(
        'Policies',
        policies.map(({ change }) => `- ${change.kind} ${code(short(change.id))}`),
      ),
      ...yamlSection(shown),
      ...listSection(
        'What to know',
        notes.map((note) => `- ${code(short(note))}`),
      ),
    ],
    MOST_CHARACTERS - lengthOf(head),
  );
  return `${[...head, ...lines].join('\n').trimEnd()}\n`;
}
