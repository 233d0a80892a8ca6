import type { ReactNode } from 'react';
import type { EdgeDetail } from '#contract/graph.ts';
import { rate, shortCount } from '../model/format.ts';
import { Facts, Figures, Names, Section, Tallies, When } from './pieces.tsx';
import { Sparkline } from './sparkline.tsx';
import { strings } from './strings.ts';
import { useApp } from './use-app.ts';
import { WhySection } from './why-section.tsx';

const words = strings.edge;

/** Why it is allowed or denied, counts, timeline, proof of direction, who and what was said. */
export function EdgeOverview({ detail }: { readonly detail: EdgeDetail }): ReactNode {
  const { conversationCounts: counts, outcomes } = detail;
  return (
    <>
      <WhySection detail={detail} />
      <Section title={words.timeline}>
        <Sparkline minutes={detail.minutes} label={words.timeline} />
      </Section>
      <Section title={words.conversations}>
        <Figures
          items={[
            { label: words.conversations, value: shortCount(counts.total) },
            { label: words.opened, value: shortCount(counts.opened) },
            { label: words.answered, value: shortCount(counts.answered) },
            { label: words.refused, value: shortCount(counts.refused) },
            {
              label: words.denied,
              value: shortCount(outcomes.denied),
              tone: outcomes.denied > 0 ? 'denied' : 'plain',
            },
            { label: words.perMinute, value: rate(detail.ratePerMinute) },
            { label: words.atSource, value: shortCount(counts.atSource) },
            { label: words.atDestination, value: shortCount(counts.atDestination) },
          ]}
        />
      </Section>
      <Section title={words.proofs}>
        <Tallies
          items={detail.proofs.map(({ text, count }) => ({ text: words.proofNames[text] ?? text, count }))}
        />
      </Section>
      <Application detail={detail} />
      <Pods detail={detail} />
      <Addresses detail={detail} />
    </>
  );
}

function Application({ detail }: { readonly detail: EdgeDetail }): ReactNode {
  const parts = [
    [words.methods, detail.methods],
    [words.paths, detail.paths],
    [words.dnsNames, detail.dnsNames],
  ] as const;
  return parts
    .filter(([, items]) => items.length > 0)
    .map(([title, items]) => (
      <Section key={title} title={title}>
        <Tallies items={items} />
      </Section>
    ));
}

function Pods({ detail }: { readonly detail: EdgeDetail }): ReactNode {
  if (detail.fromPods.length + detail.toPods.length === 0) return null;
  return (
    <Section title={words.pods}>
      <Facts
        rows={[
          ...(detail.fromPods.length > 0
            ? [[words.fromPods, <Names key="from" items={detail.fromPods} max={34} />] as const]
            : []),
          ...(detail.toPods.length > 0
            ? [[words.toPods, <Names key="to" items={detail.toPods} max={34} />] as const]
            : []),
          ...(detail.services.length > 0 ? [[words.services, detail.services.join(', ')] as const] : []),
        ]}
      />
    </Section>
  );
}

function Addresses({ detail }: { readonly detail: EdgeDetail }): ReactNode {
  const now = useApp((state) => state.graph?.now) ?? detail.lastSeenAt;
  if (detail.addresses.length + detail.names.length === 0) return null;
  return (
    <Section title={words.addresses}>
      <Facts
        rows={[
          ...(detail.names.length > 0 ? [[words.names, detail.names.join(', ')] as const] : []),
          ...detail.addresses.map(
            ({ ip, lastSeenAt }) => [ip, <When key={ip} at={lastSeenAt} now={now} />] as const,
          ),
        ]}
      />
    </Section>
  );
}
