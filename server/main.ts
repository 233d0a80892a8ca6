import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { policyPath } from '#core/policy/generate/policy-names.ts';
import { propose, proposing } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NamespaceIsolation, ProposedPolicy } from '#core/policy/proposal.ts';
import { bindingProblem } from './adapters/http/guard/binding.ts';
import { LOOPBACK_HOSTS } from './adapters/http/guard/hosts.ts';
import { parseManifestText } from './adapters/manifests/manifest-text.ts';
import { code, table } from './adapters/manifests/markdown.ts';
import { readCluster, readManifestTexts } from './adapters/manifests/read-cluster.ts';
import { renderKustomization, renderPolicy } from './adapters/manifests/render-policy.ts';
import { renderReport } from './adapters/manifests/render-report.ts';
import { renderRollout } from './adapters/manifests/render-rollout.ts';
import { textDiff } from './adapters/manifests/text-diff.ts';
import { yamlText } from './adapters/manifests/yaml-text.ts';
import { exportProposal } from './adapters/policies-out/export-proposal.ts';
import { exportFailureSentence, policyFailureSentence } from './adapters/policies-out/failure-sentence.ts';
import { findExports, readExport } from './adapters/policies-out/read-export.ts';
import { deleteSafely, writeSafely } from './adapters/policies-out/safe-files.ts';
import { seenGroundOf } from './app/policy-questions/seen-ground.ts';
import { assertCommand } from './cli/assert.ts';
import { blastCommand } from './cli/blast.ts';
import { connectionsCommand } from './cli/connections.ts';
import { demoCommand } from './cli/demo.ts';
import { diffCommand } from './cli/diff.ts';
import { driftCommand } from './cli/drift.ts';
import { explainCommand } from './cli/explain.ts';
import { exposureCommand } from './cli/exposure.ts';
import { graphCommand } from './cli/graph.ts';
import { inspectCommand } from './cli/inspect.ts';
import { learnCommand } from './cli/learn.ts';
import { lintCommand } from './cli/lint.ts';
import { readPlaces } from './cli/live-cluster.ts';
import { portsCommand } from './cli/ports.ts';
import { createProgram, runProgram } from './cli/program.ts';
import { proposeCommand } from './cli/propose.ts';
import { replayCommand } from './cli/replay.ts';
import { serveCommand } from './cli/serve.ts';
import { simulateCommand } from './cli/simulate.ts';
import { openStreamTerminal } from './cli/standard-streams.ts';
import { UsageError } from './cli/terminal.ts';
import type { RunningServer, Toolbox } from './cli/toolbox.ts';
import { verifyCommand } from './cli/verify.ts';

const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

const { terminal, settle } = openStreamTerminal(process, (code) => {
  process.exitCode = code;
});

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const renderers = {
  renderPolicy,
  renderKustomization,
  renderReport,
  renderRollout,
  pathOf: (policy: ProposedPolicy | NamespaceIsolation, cluster: string) => policyPath(policy, cluster, hash),
};

/** Beside this file, which is TypeScript in a checkout and JavaScript in the package. */
const QUESTION_THREAD = new URL(`./question-thread${extname(import.meta.url)}`, import.meta.url);

/** Runs something later, unless the returned function is called first. */
function later(run: () => void, afterMs: number): () => void {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
}

/** Why a port could not be taken, in one sentence. */
function listenProblem(error: unknown, host: string, port: number): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new UsageError(
      `port ${port} on ${host} is taken by another process; choose one with --port, or 0 for a free one.`,
    );
  }
  if (code === 'EACCES')
    return new UsageError(`port ${port} on ${host} needs more rights; choose one above 1023 with --port.`);
  return new UsageError(`it could not listen on ${host} port ${port}: ${message}`);
}

async function startServer(options: Parameters<Toolbox['startServer']>[0]): Promise<RunningServer> {
  const { workspace, host, port } = options;
  const bearerToken = process.env['BULKHEAD_TOKEN'] || undefined;
  const problem = bindingProblem(host, bearerToken);
  if (problem !== undefined) throw new UsageError(problem);
  // Loaded only when it serves: every other command starts in half the time without them.
  const { createHttpServer } = await import('./adapters/http/server.ts');
  const { attachSocketServer } = await import('./adapters/socket/socket-server.ts');
  const { createThreadRunner } = await import('./adapters/question-thread/thread-runner.ts');
  const questions = createThreadRunner({
    module: QUESTION_THREAD,
    served: options.policies,
    seen: () => seenGroundOf(workspace, renderers.pathOf),
    breathe: () => breathe(),
    later,
  });
  const { app, feed, metrics, upgradeRefusal } = await createHttpServer({
    workspace,
    webRoot: fileURLToPath(new URL('../web/dist', import.meta.url)),
    allowedHosts: [...LOOPBACK_HOSTS, host, ...options.allowedHosts],
    bearerToken,
    version: VERSION,
    renderers,
    logger: { error: (facts, message) => terminal.err(`${JSON.stringify({ message, ...facts })}\n`) },
    now: () => Date.now(),
    questions,
    schedule: later,
  });
  const sockets = attachSocketServer({
    server: app.server,
    feed,
    upgradeRefusal,
    now: () => Date.now(),
    observer: metrics,
  });
  app.addHook('preClose', () => sockets.close());
  app.addHook('preClose', () => questions.close());
  try {
    const address = await app.listen({ host, port });
    return { address, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw listenProblem(error, host, port);
  }
}

const tools: Toolbox = {
  terminal,
  version: VERSION,
  hash,
  wallClock: () => Date.now(),
  printYaml: (value) => yamlText(value),
  parseYaml: (text): unknown => parse(text, { maxAliasCount: 100 }),
  propose: (baseline, onProgress, wishes) =>
    propose(baseline, { toolVersion: VERSION, profile: CILIUM_PROFILE, hash, onProgress, ...wishes }),
  proposing: (baseline) => proposing(baseline, { toolVersion: VERSION, profile: CILIUM_PROFILE, hash }),
  exportProposal: async (proposal, { dir, force, prune, onDoomed }) => {
    const handEdited = force ? 'overwrite' : 'keep';
    const stale = prune ? 'delete' : 'keep';
    const written = await exportProposal(proposal, {
      dir,
      hash,
      renderers,
      handEdited,
      stale,
      onDoomed,
    });
    if (written.ok) return written.value;
    throw new UsageError(exportFailureSentence(written.error, dir));
  },
  writeBeside: async (folder, files) => {
    for (const { path, text } of files) {
      const done = await (text === '' ? deleteSafely(folder, path) : writeSafely(folder, path, text));
      if (!done.ok) throw new UsageError(exportFailureSentence(done.error, folder));
    }
  },
  findExports,
  readExport: async (dir) => {
    const read = await readExport(dir);
    if (!read.ok) throw new UsageError(exportFailureSentence(read.error, dir));
    const { failures, ...folder } = read.value;
    return { ...folder, failures: failures.map(policyFailureSentence) };
  },
  readCluster: (paths) => readPlaces({ terminal, version: VERSION }, paths, readCluster),
  readManifestTexts,
  parsePlaced: parseManifestText,
  textDiff,
  markdown: { code, table },
  openLedger: async (path) => {
    const { openLedger } = await import('./adapters/store/sqlite/open-ledger.ts');
    const opened = await openLedger(path);
    if (opened.ok) return opened.value;
    throw new UsageError(`the ledger ${path} can not be used: ${opened.error.code}.`);
  },
  startServer,
};

/** Runs the command line with every adapter in its place; returns the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const program = createProgram(VERSION, [
    {
      heading: 'Watch:',
      commands: [serveCommand(tools), inspectCommand(terminal), graphCommand(terminal)],
    },
    {
      heading: 'Learn, propose, prove:',
      commands: [learnCommand(tools), proposeCommand(tools), verifyCommand(tools), driftCommand(tools)],
    },
    {
      heading: "Ask about anybody's policies:",
      commands: [
        connectionsCommand(tools),
        explainCommand(tools),
        diffCommand(tools),
        replayCommand(tools),
        assertCommand(tools),
        lintCommand(tools),
        portsCommand(tools),
        blastCommand(tools),
        exposureCommand(tools),
      ],
    },
    { heading: 'Try it:', commands: [demoCommand(tools), simulateCommand(tools)] },
  ]);
  return settle(await runProgram(program, argv, terminal));
}
