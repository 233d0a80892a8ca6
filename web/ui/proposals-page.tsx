import { Tabs } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import type { ProposalDetail } from '#contract/proposal.ts';
import { percent, shortCount } from '../model/format.ts';
import { CertificateCard } from './certificate-card.tsx';
import { Figures, Muted, Tag } from './pieces.tsx';
import { PolicyList } from './policy-list.tsx';
import { PolicyReader } from './policy-reader.tsx';
import classes from './proposals-page.module.css';
import { EmptyState, ErrorState, LoadingState } from './states.tsx';
import { pageStrings } from './strings-pages.ts';
import { TrainingCard } from './training-card.tsx';
import { useApp, useStore } from './use-app.ts';
import { useResource } from './use-resource.ts';
import { Warnings } from './warnings.tsx';

const words = pageStrings.proposals;

/** The current proposal: its policies, the text of one, and the certificate beside it. */
export function ProposalsPage(): ReactNode {
  const store = useStore();
  const revision = useApp((state) => state.learningRevision);
  const { resource, reload } = useResource('proposal', () => store.api.currentProposal(), { revision });
  if (resource.state === 'loading') return <LoadingState rows={12} />;
  if (resource.state === 'ready') return <Proposal proposal={resource.value} />;
  const { failure } = resource;
  if (failure.code === 'problem' && failure.problem.status === 404) {
    return <EmptyState title={words.emptyTitle} text={words.empty} command={words.emptyCommand} />;
  }
  return <ErrorState failure={failure} onRetry={reload} />;
}

function Proposal({ proposal }: { readonly proposal: ProposalDetail }): ReactNode {
  const store = useStore();
  const wanted = useApp((state) => state.view.policy);
  const chosen = useMemo(
    () => proposal.policiesView.find(({ path }) => path === wanted) ?? proposal.policiesView[0],
    [proposal, wanted],
  );
  return (
    <div className={classes['page']}>
      <Header proposal={proposal} />
      <PolicyList
        policies={proposal.policiesView}
        chosen={chosen?.path}
        onChoose={(policy) => store.look((view) => ({ ...view, policy }))}
      />
      <div className={classes['reader']}>
        {chosen === undefined ? (
          <Muted>{words.empty}</Muted>
        ) : (
          <PolicyReader key={chosen.path} policy={chosen} />
        )}
      </div>
      <Aside proposal={proposal} />
    </div>
  );
}

function Header({ proposal }: { readonly proposal: ProposalDetail }): ReactNode {
  return (
    <header className={classes['header']}>
      <div className={classes['title']}>
        <h2>{words.title}</h2>
        <Tag tone="proposal">{proposal.state}</Tag>
        <span className={classes['id']}>{proposal.id.slice(0, 24)}</span>
      </div>
      <Figures
        columns={6}
        items={[
          { label: words.coverage, value: percent(proposal.coverage), hint: words.coverageHint },
          { label: words.tightness, value: percent(proposal.tightness), hint: words.tightnessHint },
          { label: words.policies, value: shortCount(proposal.policies) },
          { label: 'Rules', value: shortCount(proposal.rules) },
          {
            label: words.extras,
            value: shortCount(proposal.extras),
            tone: proposal.extras > 0 ? 'audit' : 'plain',
          },
          {
            label: words.notAdmitted,
            value: shortCount(proposal.notAdmitted),
            tone: proposal.notAdmitted > 0 ? 'audit' : 'plain',
          },
        ]}
      />
    </header>
  );
}

const ASIDE_TABS = ['certificate', 'training', 'warnings', 'report'] as const;

function Aside({ proposal }: { readonly proposal: ProposalDetail }): ReactNode {
  const [tab, setTab] = useState<string>('certificate');
  return (
    <Tabs
      className={classes['aside'] ?? ''}
      classNames={{ tab: classes['tab'] ?? '' }}
      value={tab}
      onChange={(next) => setTab(next ?? 'certificate')}
      keepMounted={false}
    >
      <Tabs.List px={8}>
        {ASIDE_TABS.map((name) => (
          <Tabs.Tab key={name} value={name} data-testid={`aside-${name}`}>
            {words.tabs[name]}
            {name === 'warnings' && proposal.warnings > 0 ? ` ${proposal.warnings}` : ''}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="certificate" className={classes['asideBody'] ?? ''} tabIndex={0}>
        <CertificateCard certificate={proposal.certificate} />
      </Tabs.Panel>
      <Tabs.Panel value="training" className={classes['asideBody'] ?? ''} tabIndex={0}>
        <TrainingCard />
      </Tabs.Panel>
      <Tabs.Panel value="warnings" className={classes['asideBody'] ?? ''} tabIndex={0}>
        <Warnings warnings={proposal.warningsView} />
      </Tabs.Panel>
      <Tabs.Panel value="report" className={classes['asideBody'] ?? ''} tabIndex={0}>
        <pre className={classes['report']}>{proposal.report}</pre>
      </Tabs.Panel>
    </Tabs>
  );
}
