import { readFile, stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import {
  describeManifestProblem,
  type FieldPath,
  type ManifestFault,
} from '#core/policy/cluster/manifest-problem.ts';
import { checkSegments } from '#core/policy/segments/check-segments.ts';
import { decodeSegments } from '#core/policy/segments/decode-segments.ts';
import { describeSegmentFault, type SegmentFault } from '#core/policy/segments/segment-fault.ts';
import { SEVERITIES, type SegmentsFile, type Severity } from '#core/policy/segments/segments-file.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { type AskedCluster, readAskedCluster } from './asked-cluster.ts';
import { type AssertShown, assertJson, assertText, violationsOf } from './assert-format.ts';
import { assertJunit } from './assert-junit.ts';
import { type PolicyTools, profileOption } from './policy-folder.ts';
import { createProgress } from './progress.ts';
import type { ReadingOptions } from './reading.ts';
import { EXIT, plural, printable, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead assert segments.yaml manifests                        by the policies alone, in a pull request
  bulkhead assert segments.yaml policies-out events.log          by the policies and by what was really seen
  bulkhead assert segments.yaml policies --manifests app         policies in one place, workloads in another
  bulkhead assert segments.yaml manifests --format junit         for CI that shows tests

A file of segments:
  bulkhead: segments/v1
  segments:
    payments: {workloads: [shop/payments]}
    db: {namespaces: [shop], pods: {app: db}}
    pci: {namespaceLabels: {zone: pci}}
    office: {cidrs: [203.0.113.0/24]}
  assertions:
    - {id: db, only: payments, reaches: db, ports: [TCP/5432], why: cardholder data}
    - {id: pci-offline, never: pci, reaches: internet, why: PCI DSS 1.3}

Exit code 1 when an assertion is violated.
`;

/** A document of a file of YAML or JSON, and where its fields stand. */
export interface PlacedDocument {
  readonly value: unknown;
  /** Line of the file, from 1, of a field or the innermost thing around it. */
  lineOf(path: FieldPath): number;
}

/** What one text holds. */
export interface PlacedText {
  readonly documents: readonly PlacedDocument[];
  readonly failures: readonly {
    readonly line: number;
    readonly fault: ManifestFault;
    readonly detail: string | undefined;
  }[];
}

/** What the command needs of the outside world. */
export interface AssertTools extends PolicyTools {
  /** Reads YAML, or JSON for a file of that name; never throws. */
  parsePlaced(text: string, file: string): PlacedText;
}

interface AssertOptions extends Pick<ReadingOptions, 'from' | 'until' | 'cluster' | 'strict' | 'json'> {
  readonly profile?: CniProfile['name'];
  readonly manifests?: readonly string[];
  readonly format: 'text' | 'json' | 'junit';
  readonly failOn: Severity;
}

const MAX_BYTES = 1024 * 1024;
const SHOWN_FAULTS = 20;

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new UsageError(`${file} is larger than 1 MiB, which no file of segments is.`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`${file} does not exist.`);
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder; name the file of segments.`);
    throw new UsageError(`${file} could not be read: ${message}`);
  }
}

/** A file of segments as it was written. */
interface WrittenFile {
  readonly file: string;
  readonly document: PlacedDocument;
}

function documentOf(tools: AssertTools, file: string, text: string): PlacedDocument {
  const { documents, failures } = tools.parsePlaced(text, file);
  const [failure] = failures;
  if (failure !== undefined) {
    const problem = { ...failure, file, document: undefined, field: '', leftOut: 'nothing' as const };
    throw new UsageError(`${describeManifestProblem(problem)}.`);
  }
  const [document, second] = documents;
  if (document === undefined)
    throw new UsageError(`${file} is empty: begin it with bulkhead: segments/v1 (see --help).`);
  if (second !== undefined)
    throw new UsageError(`${file}:${second.lineOf([])}: a second document; a file of segments has one.`);
  return document;
}

/** Tells every fault with its line; always throws. */
function refuse(
  { terminal }: AssertTools,
  { file, document }: WrittenFile,
  faults: readonly SegmentFault[],
): never {
  const placed = faults.map((fault) => ({ fault, line: document.lineOf(fault.path) }));
  const sorted = placed.toSorted((a, b) => a.line - b.line);
  for (const { fault, line } of sorted.slice(0, SHOWN_FAULTS))
    terminal.err(`${printable(`${file}:${line}: ${describeSegmentFault(fault)}`)}\n`);
  const hidden = faults.length - SHOWN_FAULTS;
  if (hidden > 0) terminal.err(`bulkhead: and ${plural(hidden, 'more fault')}\n`);
  throw new UsageError(`${file} can not be used: ${plural(faults.length, 'fault')}; nothing was checked.`);
}

async function readSegments(
  tools: AssertTools,
  file: string,
): Promise<WrittenFile & { readonly segments: SegmentsFile }> {
  const document = documentOf(tools, file, await textOf(file));
  const decoded = decodeSegments(document.value);
  if (decoded.ok) return { file, document, segments: decoded.value };
  return refuse(tools, { file, document }, decoded.error);
}

function noteNoPolicies({ terminal }: AssertTools, { model }: AskedCluster, dir: string): void {
  if (model.policies.length > 0) return;
  terminal.err(
    `bulkhead: ${printable(dir)} holds no NetworkPolicy that could be read: everything is allowed\n`,
  );
}

const rendered = (shown: AssertShown, { json, format }: AssertOptions): string => {
  if (json === true || format === 'json') return assertJson(shown);
  return format === 'junit' ? assertJunit(shown) : assertText(shown);
};

function exitOf(shown: AssertShown, { failOn }: AssertOptions): number {
  if (!shown.asked.isComplete) return EXIT.unusable;
  const worst = violationsOf(shown)[0]?.assertion.severity;
  const isFound = worst !== undefined && SEVERITIES.indexOf(worst) <= SEVERITIES.indexOf(failOn);
  return isFound ? EXIT.found : EXIT.fine;
}

interface Named {
  readonly file: string;
  readonly dir: string;
  readonly flows: readonly string[];
}

async function run(tools: AssertTools, { file, dir, flows }: Named, options: AssertOptions): Promise<void> {
  const written = await readSegments(tools, file);
  const folders = [dir, ...(options.manifests ?? [])];
  const asked = await readAskedCluster(tools, { folders, flows, options });
  noteNoPolicies(tools, asked, dir);
  const progress = createProgress(tools.terminal);
  const checked = checkSegments({
    file: written.segments,
    model: asked.model,
    profile: asked.profile,
    cluster: asked.cluster,
    edges: asked.reading && [...asked.reading.whole.edges.values()],
    onProgress: (done, total) => progress.steps({ done, total }, 'assertions checked'),
  });
  progress.end();
  if (!checked.ok) refuse(tools, written, checked.error);
  const shown = { file, asked, answers: checked.value };
  tools.terminal.out(rendered(shown, options));
  process.exitCode = exitOf(shown, options);
}

/** `bulkhead assert`: whether segments that are declared in a file are kept, by policies and by traffic. */
export function assertCommand(tools: AssertTools): Command {
  return new Command('assert')
    .description('check segments declared in a file against policies and, if given, recorded traffic')
    .argument('<file>', 'segments and assertions about them, YAML or JSON')
    .argument('<folder>', 'NetworkPolicies and, if it has them, workloads: a folder or a file')
    .argument('[flows...]', 'Hubble exports: files, globs, folders, or - for standard input')
    .option('--manifests <folders...>', 'more manifests, such as of the workloads')
    .addOption(profileOption('cilium with flows, kubernetes without'))
    .option('--cluster <name>', 'the cluster to look at; flows that name none belong to it')
    .option('--from <time>', 'leave out flows before this RFC 3339 time')
    .option('--until <time>', 'leave out flows at or after this RFC 3339 time')
    .addOption(
      new Option('--fail-on <severity>', 'exit with code 1 for violations from this severity on')
        .choices(SEVERITIES)
        .default('low'),
    )
    .addOption(
      new Option('--format <format>', 'how to print the answer')
        .choices(['text', 'json', 'junit'])
        .default('text'),
    )
    .option('--strict', 'exit with code 2 when something could not be read')
    .option('--json', 'print JSON, like --format json')
    .addHelpText('after', EXAMPLES)
    .action((file: string, dir: string, flows: string[], options: AssertOptions) =>
      run(tools, { file, dir, flows }, options),
    );
}
