import { counted, groupedDigits, rate } from '../model/format.ts';

/** Words of the time bar. */
export const timeBarStrings = {
  label: 'Time',
  findings: 'Findings',
  newEdges: 'New edges',
  traffic: 'Conversations/min',
  peak: (perMinute: number) => `peak ${groupedDigits(perMinute)}`,
  training: 'Training window',
  conversations: (count: number, minutes: number) =>
    minutes > 1
      ? `${counted(count, 'conversation')} in ${minutes} min (${rate(count / minutes)}/min)`
      : counted(count, 'conversation'),
  denied: (count: number) => `${groupedDigits(count)} denied`,
  firstSeen: (edges: number, fresh: number) =>
    `${counted(edges, 'edge')} first seen${fresh > 0 ? `, ${groupedDigits(fresh)} not in the baseline` : ''}`,
  found: (count: number) => counted(count, 'finding'),
  summary: (facts: {
    readonly conversations: number;
    readonly denied: number;
    readonly newEdges: number;
    readonly findings: number;
    readonly from: string;
    readonly until: string;
  }) =>
    `${counted(facts.conversations, 'conversation')}, ${groupedDigits(facts.denied)} of them denied, ${counted(facts.newEdges, 'new edge')} and ${counted(facts.findings, 'finding')} between ${facts.from} and ${facts.until}`,
} as const;
