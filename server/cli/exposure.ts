import { Command } from 'commander';
import { parseNamespaceName } from '#core/identity/names.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { exposureOf } from '#core/policy/exposure/openings.ts';
import { podExposureOf } from '#core/policy/exposure/pod-exposure.ts';
import type { CniProfile, PolicyProtocol } from '#core/policy/world.ts';
import {
  type AskedPod,
  exposureAnswer,
  podAsked,
  podExposureAnswer,
} from '../app/policy-questions/answers/exposure.ts';
import type { NewPod } from '../app/policy-questions/question.ts';
import { type AskedCluster, readAskedCluster } from './asked-cluster.ts';
import { exposureText, podExposureText } from './exposure-format.ts';
import { type PolicyTools, profileOption } from './policy-folder.ts';
import { createProgress } from './progress.ts';
import { listed, type ReadingOptions } from './reading.ts';
import { EXIT, jsonText, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead exposure manifests                                      what policies leave open to pods still to come
  bulkhead exposure manifests policies-out                         workloads from one place, policies from another
  bulkhead exposure manifests -n shop -l app=new,tier=web          what one new pod could reach, and who could reach it
  bulkhead exposure manifests -n shop -l app=new --port http=8080  that listens on one port only
  bulkhead exposure manifests -n lab --namespace-label team=lab    in a namespace that is new too
  bulkhead exposure policies --flows events.log --all              who is there from flows; all that rules name

For the cluster as it is: kubectl get deploy,sts,ds,job,cronjob,pod,svc,netpol,ns -A -o yaml > cluster.yaml
`;

interface ExposureOptions extends Pick<ReadingOptions, 'cluster' | 'strict' | 'json'> {
  readonly flows?: readonly string[];
  readonly namespace?: string;
  readonly labels?: readonly string[];
  readonly namespaceLabel?: readonly string[];
  readonly port?: readonly string[];
  readonly hostNetwork?: boolean;
  readonly all?: boolean;
  readonly profile?: CniProfile['name'];
}

const QUALIFIED = /^(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** Reads `app=new,tier=web`, given once or several times. */
function labelsOf(texts: readonly string[] | undefined, option: string): Readonly<Record<string, string>> {
  const labels = new Map<string, string>();
  for (const text of (texts ?? []).flatMap((each) => each.split(','))) {
    const at = text.indexOf('=');
    const [key, value] = [text.slice(0, at), text.slice(at + 1)];
    if (at < 1 || !QUALIFIED.test(key) || !VALUE.test(value))
      throw new UsageError(`${option} ${text} is no label: write it like app=new,tier=web.`);
    labels.set(key, value);
  }
  return Object.fromEntries(labels);
}

const PROTOCOLS: readonly PolicyProtocol[] = ['TCP', 'UDP', 'SCTP'];
const PORT = /^(?:([a-z0-9-]{1,15})=)?(\d{1,5})(?:\/([A-Za-z]+))?$/;

/** Reads `8080`, `53/UDP` or `http=8080`. */
function portOf(text: string): NewPod['ports'][number] {
  const [, name, digits = '', written = 'TCP'] = PORT.exec(text) ?? [];
  const protocol = PROTOCOLS.find((each) => each === written.toUpperCase());
  const port = Number(digits);
  if (digits === '' || protocol === undefined || port < 1 || port > 65_535)
    throw new UsageError(`--port ${text} is no port: write it like 8080, 53/UDP or http=8080.`);
  return { name, protocol, port };
}

/** The pod that the options describe; undefined when they describe none. */
function podOf(options: ExposureOptions, model: ClusterModel): AskedPod | undefined {
  const { namespace: text, hostNetwork, port, labels, namespaceLabel } = options;
  const described = [labels, namespaceLabel, port, hostNetwork].some((each) => each !== undefined);
  if (text === undefined && described)
    throw new UsageError('say with -n in which namespace the new pod would be.');
  if (text === undefined) return undefined;
  const namespace = parseNamespaceName(text);
  if (namespace === undefined) throw new UsageError(`--namespace ${text} is no namespace name.`);
  const pod = podAsked(
    {
      namespace,
      labels: labelsOf(labels, '--labels'),
      namespaceLabels: namespaceLabel && labelsOf(namespaceLabel, '--namespace-label'),
      ports: (port ?? []).map(portOf),
      hostNetwork: hostNetwork === true,
    },
    model,
  );
  if (pod.ok) return pod.value;
  throw new UsageError(
    `namespace ${text} is there already, with its own labels; leave --namespace-label out.`,
  );
}

function answer(tools: PolicyTools, asked: AskedCluster, options: ExposureOptions): string {
  const { model, profile } = asked;
  const progress = createProgress(tools.terminal);
  const pod = podOf(options, model);
  const isJson = options.json === true;
  if (pod !== undefined) {
    const onProgress = (done: number, total: number): void =>
      progress.steps({ done, total }, 'kinds of pods judged');
    const found = podExposureOf({ ...pod, model, profile, onProgress });
    progress.end();
    return isJson ? jsonText(podExposureAnswer(asked, pod, found)) : podExposureText(asked, pod, found);
  }
  const onProgress = (done: number, total: number): void =>
    progress.steps({ done, total }, 'ranges of ports');
  const report = exposureOf({ model, profile, onProgress });
  progress.end();
  return isJson
    ? jsonText(exposureAnswer(asked, report))
    : exposureText(asked, report, { withAll: options.all === true });
}

/** `bulkhead exposure`: what a pod that does not exist yet could reach, and be reached by. */
export function exposureCommand(tools: PolicyTools): Command {
  return new Command('exposure')
    .description('say what a pod that does not exist yet could reach, and be reached by')
    .argument('<folders...>', 'manifests of one cluster, YAML or JSON, with their NetworkPolicies')
    .option('--flows <flows...>', 'who is there besides, from Hubble exports')
    .option('-n, --namespace <name>', 'the namespace of one new pod; it may be new too')
    .option('-l, --labels <labels>', 'labels of the new pod, as app=new,tier=web', listed)
    .option('--namespace-label <labels>', 'labels of its namespace, when that is new', listed)
    .option('--port <port>', 'a port it would listen on, as 8080, 53/UDP or http=8080 (repeatable)', listed)
    .option('--host-network', "it would use its node's network")
    .option('--all', 'also what is open to labels that pods of today carry')
    .addOption(profileOption('cilium with --flows, kubernetes without'))
    .option('--cluster <name>', 'the cluster to look at')
    .option('--strict', 'exit with code 2 when something could not be read')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (folders: string[], options: ExposureOptions) => {
      const { namespace: _, ...readingOptions } = options;
      const flows = options.flows ?? [];
      const asked = await readAskedCluster(tools, { folders, flows, options: readingOptions });
      tools.terminal.out(answer(tools, asked, options));
      process.exitCode = asked.isComplete ? EXIT.fine : EXIT.unusable;
    });
}
