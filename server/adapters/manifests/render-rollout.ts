import { printable } from '#core/policy/printable.ts';
import type { RolloutPlan, RolloutWave, WaveKind } from '#core/policy/rollout/rollout-plan.ts';
import { code, sentence, table } from './markdown.ts';
import { AUDIT_FIRST } from './rollout-audit.ts';

type Lines = readonly string[];

/** Rows of a wave that the page shows; `rollout.json` has all. */
const ROWS_SHOWN = 30;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const KIND_TEXTS: Readonly<Record<Exclude<WaveKind, 'default-deny'>, string>> = {
  canary: 'the canary',
  consumers: 'workloads that nobody was seen to call',
  providers: 'workloads with few clients',
  shared: 'workloads with many clients',
};

/** Namespaces that a title names; more are counted. */
const NAMESPACES_NAMED = 4;

function denyTitle({ policies }: RolloutWave): string {
  const own = policies.filter(({ workload }) => workload === undefined).map(({ namespace }) => namespace);
  const named = own.length > NAMESPACES_NAMED ? counted(own.length, 'namespace') : own.join(', ');
  return `default deny of ${named}`;
}

function titleOf(wave: RolloutWave): string {
  const parts = wave.kinds.map((kind) => (kind === 'default-deny' ? denyTitle(wave) : KIND_TEXTS[kind]));
  return `${parts.join(' and ')}${wave.isDoubtful ? ', in doubt' : ''}`;
}

const conversationsIn = (rows: readonly { readonly conversations: number }[]): number =>
  rows.reduce((sum, { conversations }) => sum + conversations, 0);

const shell = (commands: readonly string[]): Lines => [
  '```sh',
  ...commands
    .flatMap((command) => command.split('\n'))
    .map((line) => printable(line, Number.POSITIVE_INFINITY)),
  '```',
];

/** A table of at most {@link ROWS_SHOWN} rows, and how many more there are. */
function shortTable(head: readonly string[], rows: readonly (readonly string[])[]): Lines {
  const hidden = rows.length - ROWS_SHOWN;
  const more = hidden > 0 ? ['', `${counted(hidden, 'more row')} in \`rollout.json\`.`] : [];
  return [...table(head, rows.slice(0, ROWS_SHOWN)), ...more];
}

function promise({ isSafe, unjudgedEdges, waves }: RolloutPlan): Lines {
  const judged = waves.at(-1)?.judged;
  if (judged === undefined) return ['There is nothing to apply.', ''];
  const what = `${counted(judged.edges, 'edge')} with ${counted(judged.conversations, 'training conversation')}`;
  const between = waves.flatMap(({ judged: each }) => each.cutBetweenFiles).length;
  return [
    isSafe
      ? `After each wave the literal evaluator was asked about everything that the whole proposal admits (${what}): **no wave cuts any of it**, whatever comes later.`
      : '**This order is not safe:** some wave cuts conversations that the whole proposal admits; they stand below.',
    ...(between === 0
      ? []
      : [
          `Between two files of one wave ${counted(between, 'edge')} may be denied for a moment; they stand below.`,
        ]),
    ...(unjudgedEdges === 0
      ? []
      : [
          `${counted(unjudgedEdges, 'edge')} could not be judged: nobody is known who could have carried them.`,
        ]),
    '',
  ];
}

function overview({ waves }: RolloutPlan): Lines {
  const rows = waves.map((wave) => [
    String(wave.number),
    titleOf(wave),
    String(wave.policies.length),
    wave.cuts.length === 0 ? '–' : counted(conversationsIn(wave.cuts), 'conversation'),
    wave.isolatesBlindly.length === 0 ? '–' : counted(wave.isolatesBlindly.length, 'workload'),
  ]);
  return [
    ...table(['wave', 'what', 'files', 'stops', 'closes without evidence'], rows),
    '',
    'In doubt is what has thinly supported rules, lost something in the hold-out, or stops what passes today: look first.',
  ];
}

function files({ policies }: RolloutWave): Lines {
  return shortTable(
    ['file', 'workload', 'confidence', 'clients seen'],
    policies.map(({ file, workload, namespace, confidence, clients }) => [
      code(file),
      code(workload ?? `namespace ${namespace}`),
      confidence ?? '–',
      workload === undefined ? '–' : String(clients),
    ]),
  );
}

function stops({ cuts }: RolloutWave): Lines {
  if (cuts.length === 0) return ['It stops nothing that was seen.', ''];
  return [
    `It stops ${counted(conversationsIn(cuts), 'training conversation')} that the proposal does not admit:`,
    '',
    ...shortTable(
      ['conversation', 'count', 'reason', 'what to do'],
      cuts.map(({ line, conversations, reason, note }) => [
        code(line),
        String(conversations),
        reason,
        sentence(note),
      ]),
    ),
    '',
  ];
}

function broken({ judged }: RolloutWave): Lines {
  const list = (intro: string, lines: readonly string[]): Lines =>
    lines.length === 0 ? [] : [intro, '', ...lines.map((line) => `- ${code(line)}`), ''];
  return [
    ...list('**It cuts these, which the whole proposal admits:**', judged.cutMidway),
    ...list(
      'Its files share pods. Until the last of them is in, these may be denied for a moment:',
      judged.cutBetweenFiles,
    ),
  ];
}

function thin({ thinRules }: RolloutWave): Lines {
  if (thinRules.length === 0) return [];
  return [
    'Thinly supported rules: what they admit was hardly seen, so more of its kind may be missing.',
    '',
    ...shortTable(
      ['rule', 'admits', 'confidence', 'needs'],
      thinRules.map(({ rule, admits, confidence, needs }) => [
        code(rule),
        code(admits),
        confidence,
        sentence(needs),
      ]),
    ),
    '',
  ];
}

function losses({ holdOut }: RolloutWave): Lines {
  if (holdOut.edges === 0) return [];
  const intro = `In the hold-out ${counted(holdOut.conversations, 'conversation')} of these workloads would have been lost, for example:`;
  return [intro, '', ...holdOut.lines.map((line) => `- ${code(line)}`), ''];
}

function blind({ isolatesBlindly }: RolloutWave): Lines {
  if (isolatesBlindly.length === 0) return [];
  return [
    'It closes these although nothing was seen there: make sure that nothing is needed.',
    '',
    ...shortTable(
      ['workload', 'closed'],
      isolatesBlindly.map(({ workload, directions }) => [code(workload), directions.join(' and ')]),
    ),
    '',
  ];
}

function wave(each: RolloutWave): Lines {
  return [
    `## Wave ${each.number}: ${titleOf(each)}`,
    '',
    ...files(each),
    '',
    ...stops(each),
    ...broken(each),
    ...blind(each),
    ...thin(each),
    ...losses(each),
    'Apply:',
    '',
    ...shell(each.apply),
    '',
    'Take it back:',
    '',
    ...shell(each.rollback),
    '',
  ];
}

const BETWEEN_WAVES: Lines = [
  '## Between two waves',
  '',
  'Watch for as long as the slowest job takes to come round. Go on when `bulkhead verify . --flows fresh.jsonl` ends with code 0',
  'on a recording of that time (it knows what is listed here as not admitted) and nothing else was dropped by policy',
  '(`hubble observe --verdict DROPPED`). Stop, and take the last wave back, at the first conversation that was dropped and is not',
  'listed under its wave.',
  '',
];

const WAY_BACK: Lines = [
  '## The way back',
  '',
  'Take waves back in reverse, the last one first: then every state is one that was judged. A policy that is taken away from',
  'under a default deny leaves its pods closed, not open. Where a wave replaced policies of an earlier export, apply the',
  'earlier files again (from Git) instead of deleting. Connections that a policy already cut are not restored; clients retry.',
  '',
];

/** The plan in plain words, as Markdown. Equal plans give equal text. */
export function renderRollout(plan: RolloutPlan): string {
  const scope = `Cluster ${code(plan.cluster)}, proposal ${code(plan.proposal.slice(0, 16))}, judged under the ${plan.profile} profile. Run the commands in this folder, with kubectl set to that cluster.`;
  const body = plan.waves.length === 0 ? [] : [...overview(plan), '', ...AUDIT_FIRST];
  const steps = plan.waves.length === 0 ? [] : [...plan.waves.flatMap(wave), ...BETWEEN_WAVES, ...WAY_BACK];
  return ['# Rollout plan', '', scope, '', ...promise(plan), ...body, ...steps]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
