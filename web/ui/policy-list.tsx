import { TextInput } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import type { ProposalDetail } from '#contract/proposal.ts';
import { sortedText } from '#core/order.ts';
import { Icon } from './icons.tsx';
import { Name } from './pieces.tsx';
import classes from './policy-list.module.css';
import { pageStrings } from './strings-pages.ts';

type Policy = ProposalDetail['policiesView'][number];

const words = pageStrings.proposals;

/** The policies by namespace; default deny stands apart, since it is applied last. */
export function PolicyList(props: {
  readonly policies: readonly Policy[];
  readonly chosen: string | undefined;
  readonly onChoose: (path: string) => void;
}): ReactNode {
  const [filter, setFilter] = useState('');
  const sections = useMemo(() => sectionsOf(props.policies, filter), [props.policies, filter]);
  return (
    <nav className={classes['list']} aria-label={words.policies}>
      <div className={classes['filter']}>
        <TextInput
          size="xs"
          type="search"
          aria-label={words.filter}
          placeholder={words.filter}
          leftSection={<Icon name="search" size={14} />}
          value={filter}
          onChange={({ currentTarget: { value } }) => setFilter(value)}
        />
      </div>
      <div className={classes['scroll']}>
        {sections.map(({ title, policies }) => (
          <section key={title}>
            <h2 className={classes['namespace']}>{title}</h2>
            <ul>
              {policies.map((policy) => (
                <li key={policy.path}>
                  <PolicyButton
                    policy={policy}
                    isChosen={policy.path === props.chosen}
                    onChoose={() => props.onChoose(policy.path)}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </nav>
  );
}

interface ListSection {
  readonly title: string;
  readonly policies: readonly Policy[];
}

function sectionsOf(policies: readonly Policy[], filter: string): readonly ListSection[] {
  const wanted = filter.trim().toLowerCase();
  const matching = policies.filter(({ namespace, name }) =>
    `${namespace}/${name}`.toLowerCase().includes(wanted),
  );
  const ordinary = matching.filter(({ isDefaultDeny }) => !isDefaultDeny);
  const denies = matching.filter(({ isDefaultDeny }) => isDefaultDeny);
  const sections = sortedText(new Set(ordinary.map(({ namespace }) => namespace))).map((title) => ({
    title,
    policies: ordinary.filter(({ namespace }) => namespace === title),
  }));
  return denies.length === 0 ? sections : [...sections, { title: words.defaultDeny, policies: denies }];
}

function PolicyButton(props: {
  readonly policy: Policy;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}): ReactNode {
  const { policy } = props;
  const name = policy.isDefaultDeny ? policy.namespace : (policy.workload?.split('/').at(-1) ?? policy.name);
  const marks = policy.warnings.length + policy.isolatesWithoutEvidence.length;
  return (
    <button
      type="button"
      className={classes['policy']}
      aria-current={props.isChosen}
      data-testid={`policy-${policy.namespace}-${policy.name}`}
      onClick={props.onChoose}
    >
      <span className={classes['name']} title={policy.name}>
        <Name text={name} max={24} />
      </span>
      <span className={classes['rules']}>
        {marks > 0 ? (
          <span className={classes['warned']} title={words.warnings}>
            <Icon name="warning" size={13} />
          </span>
        ) : null}
        {policy.isDefaultDeny ? '' : `${policy.ingressRules} in · ${policy.egressRules} out`}
      </span>
    </button>
  );
}
