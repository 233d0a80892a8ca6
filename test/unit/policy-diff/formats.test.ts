import { describe, expect, test } from 'vitest';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { describeEnd } from '#core/policy/connections/connectivity.ts';
import { ALL_PORTS } from '#core/policy/connections/port-set.ts';
import { CLOSED, type WeighedChange } from '#core/policy/diff/connection-change.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import { code, table } from '../../../server/adapters/manifests/markdown.ts';
import { type DiffShown, isFailed } from '../../../server/app/policy-questions/answers/diff.ts';
import { sourcesOf } from '../../../server/app/policy-questions/placed-policies.ts';
import { diffMarkdown, MOST_CHARACTERS } from '../../../server/cli/diff-format-markdown.ts';
import { diffText, SHORT, WHOLE } from '../../../server/cli/diff-format-text.ts';
import { totalsText } from '../../../server/cli/diff-format-words.ts';
import { changed, cluster, DENY_ALL, dbPolicy, deployment } from './small-worlds.ts';

const MARKDOWN = { code, table };

function shownFor(old: ClusterModel, later: ClusterModel, more: Partial<DiffShown> = {}): DiffShown {
  const diff = changed(old, later);
  return {
    names: { old: 'old', new: 'new' },
    diff,
    policies: diff.policies.map((change) => ({ change, yaml: '--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n' })),
    profile: KUBERNETES_PROFILE,
    sources: { old: sourcesOf(old.policies), new: sourcesOf(later.policies) },
    failOn: new Set(['widened', 'breaks-observed'] as const),
    lostEvents: 0n,
    notes: [],
    problems: { old: [], new: [] },
    ...more,
  };
}

const CROWD = Array.from({ length: 14 }, (_, index) => deployment(`web-${index}`));
const TWO = [deployment('cart'), deployment('db')];
const WIDER = shownFor(cluster(...TWO, dbPolicy(1)), cluster(...TWO, dbPolicy(2)));

/** As many changes as nobody wants to read. */
function flooded(): DiffShown {
  const shown = shownFor(cluster(...CROWD, dbPolicy(1)), cluster(...CROWD, DENY_ALL, dbPolicy(1)));
  const [first] = shown.diff.changes;
  if (first === undefined) throw new Error('no change');
  const many = Array.from(
    { length: 3000 },
    (_, index): WeighedChange => ({
      ...first,
      from: {
        kind: 'external',
        range: { family: 'IPv6', first: BigInt(index) * 3n, last: BigInt(index) * 3n + 1n },
      },
      before: { ports: ALL_PORTS, onlySomePods: [] },
      after: CLOSED,
      classes: index % 2 === 0 ? ['widened'] : ['breaks-observed', 'tightened'],
    }),
  );
  const yaml = `--- a\n+++ b\n${'+  key: value\n'.repeat(20_000)}`;
  const policies = shown.policies.map((each) => ({ ...each, yaml }));
  return { ...shown, policies, diff: { ...shown.diff, changes: many } };
}

describe('the answer as text', () => {
  test('tells changes of the same reasons together, with the reasons once, and counts what it leaves out', () => {
    const shown = shownFor(cluster(...CROWD, dbPolicy(1)), cluster(...CROWD, DENY_ALL, dbPolicy(1)));
    const short = diffText(shown, SHORT);
    const whole = diffText(shown, WHOLE);
    const linesOf = (text: string): number =>
      text.split('\n').filter((line) => line.startsWith('TIGHTENED')).length;
    expect(linesOf(whole)).toBe(shown.diff.changes.length);
    expect(linesOf(short)).toBeLessThan(30);
    expect(short).toMatch(/and [\d ]+ more changes for the same reasons \(--all\)/);
    expect(whole).not.toContain('--all');
  });

  test('says which of two meanings a change has besides', () => {
    expect(diffText(WIDER, SHORT)).toContain(
      'WIDENED   shop/cart[Deployment] => shop/db[Deployment] : TCP 1 -> TCP 2 (tightened too)\n',
    );
  });

  test('prints no character that could move the cursor', () => {
    const names = { old: 'a\u001b[2Jb', new: '\u202ec' };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
    expect(diffText({ ...WIDER, names }, SHORT).replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

describe('the answer as a comment for a pull request', () => {
  test('fits into one, however much changes, and counts what it leaves out', () => {
    const shown = flooded();
    const text = diffMarkdown(shown, MARKDOWN);
    expect(text.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect(text).toContain('#### Breaks what was seen (1500)');
    expect(text).toContain('and 1 440 more changes.');
    expect(text).toMatch(/and [\d ]+ more lines of YAML for which there was no room\./);
  });

  test('closes whatever it opens, also where it is cut', () => {
    const text = diffMarkdown(flooded(), MARKDOWN);
    const count = (part: string): number => text.split(part).length - 1;
    expect(count('<details>')).toBe(count('</details>'));
    expect(text.match(/^```/gm)?.length).toBe(2);
    expect(count('<details>')).toBeGreaterThan(1);
  });

  test('lets nothing from names and YAML become markup', () => {
    const evil = '`|<img src=x>@team ![x](https://evil.example)';
    const yaml = `--- a\n+++ b\n+${'`'.repeat(5)}\n+</details><script>\n`;
    const policies = WIDER.policies.map(({ change }) => ({ change: { ...change, id: evil }, yaml }));
    const text = diffMarkdown(
      { ...WIDER, names: { old: evil, new: evil }, policies, notes: [evil] },
      MARKDOWN,
    );
    const fenced = text.split(`${'`'.repeat(6)}`);
    expect(fenced.length).toBe(3);
    const prose = (fenced[0] ?? '') + (fenced[2] ?? '');
    const spans = prose.replaceAll('`` `|<img src=x>@team ![x](https://evil.example) ``', '');
    expect(spans).not.toContain('evil.example');
    expect(spans).not.toContain('<img');
  });

  test('names each reason once and numbers it', () => {
    const text = diffMarkdown(WIDER, MARKDOWN);
    expect(text).toContain(
      '| `shop/cart[Deployment]` | `shop/db[Deployment]` | `TCP 1 -> TCP 2` (tightened too) |  | 1 |',
    );
    expect(text).toContain('shop/db ingress[0]');
  });
});

describe('what fails', () => {
  test('is what the user named, anything, or nothing', () => {
    expect(isFailed(WIDER)).toBe(true);
    expect(isFailed({ ...WIDER, failOn: new Set() })).toBe(false);
    expect(isFailed({ ...WIDER, failOn: new Set(['neutral'] as const) })).toBe(false);
    expect(isFailed({ ...WIDER, failOn: 'any' })).toBe(true);
    const same = shownFor(cluster(...TWO, dbPolicy(1)), cluster(...TWO, dbPolicy(1)), { failOn: 'any' });
    expect(isFailed(same)).toBe(false);
    expect(totalsText(same.diff)).toBe('no connection changes');
  });

  test('the fixture floods with what it says', () => {
    expect(flooded().diff.changes.map(({ from }) => describeEnd(from))).toHaveLength(3000);
  });
});
