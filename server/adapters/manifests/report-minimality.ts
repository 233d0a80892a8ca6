import { describePeer } from '#core/identity/peer.ts';
import type { BudgetReport, Certificate, Minimality } from '#core/policy/certificate.ts';
import { budgetText, minimalityText, needText } from '#core/policy/describe-minimality.ts';
import { code, sentence, table } from './markdown.ts';

type Lines = readonly string[];

function redundantRules({ rules }: Minimality): Lines {
  const spare = rules.filter(({ conversations }) => conversations === 0);
  if (spare.length === 0) return [];
  return [
    ...table(
      ['rule', 'without it'],
      spare.map((need) => [code(need.rule), sentence(needText(need))]),
    ),
    '',
  ];
}

function rulesAbove({ above }: Minimality): Lines {
  if (above.length === 0) return [];
  return [
    ...table(
      ['workload', 'direction', 'rules', 'at least'],
      above.map(({ workload, direction, rules, atLeast }) => [
        code(describePeer({ kind: 'workload', id: workload })),
        direction,
        String(rules),
        String(atLeast),
      ]),
    ),
    '',
  ];
}

function minimality(of: Minimality): Lines {
  return [
    '## How few rules',
    '',
    `${minimalityText(of)}. The bound counts, for each direction of each policy, connections of which no two fit under one rule without admitting more; it holds for one policy a workload with ports by number. The addresses of a name keep a rule of their own, which may cost one more.`,
    '',
    ...redundantRules(of),
    ...rulesAbove(of),
  ];
}

function budget(of: BudgetReport): Lines {
  const steps = of.steps.map(({ workload, direction, what, saved, extra, admits }) => [
    code(describePeer({ kind: 'workload', id: workload })),
    direction,
    code(what),
    String(saved),
    String(extra),
    admits.map(({ peer, ports }) => `${code(peer)} ${sentence(ports.join(', '))}`).join('; ') ||
      'nobody seen',
  ]);
  return [
    '## Budget of extras',
    '',
    `${budgetText(of)}. Each step admits these on its side; what the other end closes is no extra. A label or a namespace also lets in whoever carries it later.`,
    '',
    ...(steps.length === 0
      ? []
      : [...table(['workload', 'direction', 'peer', 'saves', 'extras', 'which'], steps), '']),
  ];
}

/** How few rules do, and what a budget of extras bought; nothing for a certificate without either. */
export const minimalitySections = (certificate: Certificate): Lines => [
  ...(certificate.minimality === undefined ? [] : minimality(certificate.minimality)),
  ...(certificate.budget === undefined ? [] : budget(certificate.budget)),
];
