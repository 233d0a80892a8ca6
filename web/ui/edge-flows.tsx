import type { ReactNode } from 'react';
import type { EdgeDetail, FlowEvidence } from '#contract/graph.ts';
import { Facts, Muted, Section, Tag, Tallies } from './pieces.tsx';
import { strings } from './strings.ts';

const words = strings.edge;

const FIELD_NAMES: Readonly<Record<keyof FlowEvidence, string>> = {
  at: 'At',
  node: 'Reported by node',
  kind: 'Kind',
  verdict: 'Verdict',
  dropReason: 'Drop reason',
  protocol: 'Protocol',
  source: 'Source',
  destination: 'Destination',
  reply: 'Reply',
  direction: 'Direction',
  flags: 'TCP flags',
  l7: 'Application protocol',
  uuid: 'Flow id',
};
const FIELDS = Object.keys(FIELD_NAMES) as (keyof FlowEvidence)[];

/** What became of the conversations, and the flow that is kept as evidence, as the source wrote it. */
export function EdgeFlows({ detail }: { readonly detail: EdgeDetail }): ReactNode {
  const outcomes = Object.entries(detail.outcomes)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => ({
      text: words.outcomeNames[outcome as keyof EdgeDetail['outcomes']],
      count,
    }));
  return (
    <>
      <Section
        title={words.sample}
        aside={
          <Tag tone={detail.sample.verdict.toLowerCase() === 'dropped' ? 'denied' : 'ok'}>
            {detail.sample.verdict}
          </Tag>
        }
      >
        <Evidence sample={detail.sample} />
      </Section>
      <Section title={words.outcomes}>
        <Tallies items={outcomes} />
      </Section>
      {detail.truncated.length === 0 ? null : (
        <Section title={words.conversations}>
          <Muted>{words.truncated(detail.truncated)}</Muted>
        </Section>
      )}
    </>
  );
}

function Evidence({ sample }: { readonly sample: FlowEvidence }): ReactNode {
  const rows = FIELDS.flatMap((field) => {
    const value = sample[field];
    return value === null || value === '' ? [] : [[FIELD_NAMES[field], value] as const];
  });
  return (
    <div data-testid="evidence">
      <Facts rows={rows} />
    </div>
  );
}
