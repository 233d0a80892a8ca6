import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LINT_RULES } from '#core/policy/lint/all-rules.ts';
import { PROFILES } from '#core/policy/literal/profiles.ts';
import { RULE_IDS, saidBy } from './lint-fixture.ts';

const DOCS = join(import.meta.dirname, '../../../docs');
const pageOf = (id: string): string => readFileSync(join(DOCS, 'lint', `${id}.md`), 'utf8');

/** The YAML under a heading of a page. */
function exampleUnder(heading: string, page: string): string {
  const section = page.split(`## ${heading}\n`)[1] ?? '';
  return /```yaml\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
}

const profileIn = (page: string): string =>
  /--profile (\S+?)[`.]/.exec(page.split('\n## ')[0]?.split('\n\n')[1] ?? '')?.[1] ?? 'kubernetes';

describe('every rule has its page', () => {
  test('and every page its rule', () => {
    const pages = readdirSync(join(DOCS, 'lint')).map((file) => file.replace(/\.md$/, ''));
    expect(pages.toSorted()).toEqual(RULE_IDS.toSorted());
    expect(new Set(RULE_IDS).size).toBe(RULE_IDS.length);
  });

  test('and the page of the command lists all of them, with how loud they are, and no other', () => {
    const page = readFileSync(join(DOCS, 'commands/lint.md'), 'utf8');
    const listed = [...page.matchAll(/^\| \[`([a-z0-9-]+)`\]\(\.\.\/lint\/\1\.md\) \| (\w+) \| (.*) \|$/gm)];
    expect(listed.map(([, id, severity, title]) => [id, severity, title])).toEqual(
      LINT_RULES.map(({ id, severity, title }) => [id, severity, title]),
    );
  });
});

describe.each(LINT_RULES)('the page of $id', ({ id, severity, title, why, needs }) => {
  const page = pageOf(id);
  const name = profileIn(page);
  const profile = PROFILES.find((each) => each.name === name)?.name;

  test('says what it is, and why', () => {
    const words = page.replaceAll(/\s+/g, ' ');
    expect(page.startsWith(`# \`${id}\`\n`)).toBe(true);
    expect(words).toContain(`${severity[0]?.toUpperCase()}${severity.slice(1)}: ${title}.`);
    expect(words).toContain(why);
    expect(words.includes('Says nothing unless workloads are known.')).toBe(needs === 'workloads');
  });

  test('has an example in which the rule speaks, as loud as it can', () => {
    expect(profile).toBeDefined();
    const found = saidBy(id, exampleUnder('Speaks', page), { profile: profile ?? 'kubernetes' });
    expect(found.map((finding) => finding.severity)).toContain(severity);
    for (const { what, fix } of found) expect([what, fix]).not.toContain('');
  });

  test('has an example in which the rule stays silent', () => {
    const example = exampleUnder('Stays silent', page);
    expect(example).toContain('kind: ');
    expect(saidBy(id, example, { profile: profile ?? 'kubernetes' })).toEqual([]);
  });
});
