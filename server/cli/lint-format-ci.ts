import { LINT_RULES, ruleNamed } from '#core/policy/lint/all-rules.ts';
import type { LintFinding, Severity } from '#core/policy/lint/finding.ts';
import { listedFindings } from '../app/policy-questions/answers/lint.ts';
import type { ShownLint } from './lint-format.ts';
import { jsonText, printable } from './terminal.ts';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/** A message of a workflow command: `%` first, since it begins the other escapes (actions/toolkit, command.ts). */
const escapedData = (text: string): string =>
  printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** A property of a workflow command, in which colons and commas have a meaning too. */
const escapedProperty = (text: string): string =>
  escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

function githubLine(
  { rule, severity, about, source, field, what, fix }: LintFinding,
  prefix: string,
): string {
  const place =
    source === undefined ? '' : `file=${escapedProperty(prefix + source.file)},line=${source.line ?? 1},`;
  const title = `title=${escapedProperty(`${rule}: ${about}`)}`;
  const message = `${field === '' ? '' : `${field}: `}${what}. ${fix}`;
  return `::${COMMANDS[severity]} ${place}${title}::${escapedData(message)}\n`;
}

/** What CI shows beside the lines of a change; `prefix` leads from where it runs to the files. */
export const lintGithub = (shown: ShownLint, prefix: string): string =>
  listedFindings(shown)
    .map((finding) => githubLine(finding, prefix))
    .join('');

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

const REPOSITORY = 'docs/lint';

/** Each part of a path on its own, so that a name can not end the URI. */
const uriOf = (path: string): string =>
  path
    .split(/[\\/]/)
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');

function sarifResult(
  { rule, severity, about, source, field, what, fix }: LintFinding,
  prefix: string,
): object {
  const text = printable(`${about}${field === '' ? '' : ` ${field}`}: ${what}. ${fix}`);
  const location = source && {
    physicalLocation: {
      artifactLocation: { uri: uriOf(prefix + source.file) },
      region: { startLine: source.line ?? 1 },
    },
    logicalLocations: [{ fullyQualifiedName: printable(`${about} ${field}`.trim()) }],
  };
  return {
    ruleId: rule,
    ruleIndex: LINT_RULES.findIndex(({ id }) => id === rule),
    level: LEVELS[severity],
    message: { text },
    locations: location === undefined ? [] : [location],
  };
}

/** Static analysis results for code scanning (SARIF 2.1.0, OASIS). */
export function lintSarif(shown: ShownLint, prefix: string): string {
  const rules = LINT_RULES.map(({ id, title, why, severity }) => ({
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: `${ruleNamed(id)?.why ?? ''} See ${REPOSITORY}/${id}.md.` },
    defaultConfiguration: { level: LEVELS[severity] },
  }));
  return jsonText({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'bulkhead lint', version: shown.version, rules } },
        results: listedFindings(shown).map((finding) => sarifResult(finding, prefix)),
      },
    ],
  });
}
