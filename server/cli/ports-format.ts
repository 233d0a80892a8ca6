import { formatInstant } from '#core/flow/time.ts';
import { describeWorkload, type ObjectSource } from '#core/policy/cluster/cluster-model.ts';
import { type AddressRange, describeRange } from '#core/policy/connections/address-range.ts';
import type {
  DeadEnd,
  DeadEndReason,
  Door,
  DoorReach,
  Inside,
  ListedPort,
  Openness,
  PolicyReach,
  PortUse,
  Usage,
} from '#core/policy/ports/door.ts';
import { OPENNESS_LEVELS } from '#core/policy/ports/door.ts';
import { EVERYWHERE } from '#core/policy/ports/openness.ts';
import { unreachable } from '#core/result.ts';
import { type PortsAnswered, portsAnswer } from '../app/policy-questions/answers/ports.ts';
import type { AskedCluster } from './asked-cluster.ts';
import { firstNames, formatCount, jsonText, plural, policiesText, printable } from './terminal.ts';

/** Everything the command found, with what could be read. */
export interface PortsShown extends PortsAnswered {
  readonly asked: AskedCluster;
}

const OPENNESS_WORDS: Readonly<Record<Openness, string>> = {
  internet: 'INTERNET',
  node: 'NODE',
  outside: 'OUTSIDE',
  cluster: 'CLUSTER',
  workloads: 'SOME',
  namespace: 'NAMESPACE',
  nobody: 'NOBODY',
};

const OPENNESS_SENTENCES: Readonly<Record<Openness, string>> = {
  internet: 'open to the internet',
  node: "open to whoever reaches a node's address, or is taken for a node",
  outside: 'open from outside the cluster, to private addresses only',
  cluster: 'open to the whole cluster, or to any pod that is new in it',
  workloads: 'open to some workloads, not of their own namespace alone',
  namespace: 'open to workloads of their own namespace only',
  nobody: 'open to nobody but their own node',
};

const DEAD_END_WORDS: Readonly<Record<DeadEndReason, string>> = {
  'selects-nobody': 'its selector finds no pod',
  'no-selector': 'it has no selector: where it leads is up to Endpoints that somebody writes',
  'name-unknown': 'no pod behind it has a port of that name and protocol',
  'external-name': 'a name outside the cluster',
  'service-missing': 'no such Service',
  'service-port-missing': 'the Service has no such port',
};

const MOST_NAMES = 4;

const WIDTH = 10;

const INDENT = ' '.repeat(WIDTH);

const some = (names: readonly string[]): string => firstNames(names, MOST_NAMES);

const isWhole = (range: AddressRange): boolean =>
  EVERYWHERE.some(
    ({ family, first, last }) => range.family === family && range.first === first && range.last === last,
  );

function rangesText(ranges: readonly AddressRange[]): string {
  const [first] = ranges;
  if (first === undefined || !ranges.every(isWhole)) return some(ranges.map(describeRange));
  return ranges.length === EVERYWHERE.length ? 'any address' : `any ${first.family} address`;
}

function insideText(inside: Inside): string {
  switch (inside.kind) {
    case 'nobody':
      return 'no known pod with a network of its own';
    case 'cluster':
      return 'every other workload';
    case 'namespace':
    case 'workloads':
      return some(inside.workloads);
    default:
      return unreachable(inside);
  }
}

/** `pods: shop/web[Deployment], and any new pod; outside: 10.0.0.0/8, if something routes it there`. */
function reachLine({ inside, strangers, outside, isUngoverned, onlySomePods }: PolicyReach): string {
  if (isUngoverned) return 'policies: none applies, its pods use the network of their node';
  const joint = inside.kind === 'nobody' ? ', but' : ' and';
  const fresh = strangers ? `${joint} any new pod that nothing isolates` : '';
  const far = outside.length === 0 ? 'nothing outside' : `${rangesText(outside)} outside`;
  const uneven = onlySomePods ? ' (not the same for all of its pods)' : '';
  return `policies let in: ${insideText(inside)}${fresh}; ${far}${uneven}`;
}

const KIND_WORDS: Readonly<Record<Door['kind'], string>> = {
  'load-balancer': 'LoadBalancer',
  'external-ip': 'external address of Service',
  ingress: 'Ingress',
  'node-port': 'NodePort of Service',
  'host-port': 'hostPort',
  'host-network': 'host network',
  service: 'Service',
  container: 'container',
};

function doorName({ kind, object, port, name, at, service }: Door): string {
  const number = port === undefined ? 'a port given when it is applied' : String(port);
  const named = name === undefined ? '' : ` (${name})`;
  switch (kind) {
    case 'ingress':
      return `Ingress ${object}, ${at.join(' ')}, by Service ${service} ${number}`;
    case 'external-ip':
      return `externalIPs ${some(at)} of Service ${object} ${number}${named}`;
    case 'host-port':
    case 'host-network':
      return `${KIND_WORDS[kind]} ${number}`;
    default:
      return `${KIND_WORDS[kind]} ${object} ${number}${named}`;
  }
}

function ingressText({ through, isPublic }: DoorReach): string {
  if (through.length > 0) return `reached through ${some(through)}, which is open to outside itself`;
  if (isPublic) return 'whichever pods are its controller get in';
  return 'no workload that is open to outside gets in; its controller is not known';
}

function clientsText(reach: DoorReach): string {
  const { door, clients } = reach;
  if (door.kind === 'ingress') return ingressText(reach);
  if (door.kind === 'host-network') return 'whoever reaches the node; no policy applies';
  const whom = clients.length === 0 ? 'no client outside, by its own address' : `from ${rangesText(clients)}`;
  const limit = door.clients.length === 0 ? '' : `, of those that loadBalancerSourceRanges names`;
  return `${whom}${limit}`;
}

const SNAT =
  "externalTrafficPolicy Cluster: a client may arrive with a node's address, and the pod's own node always gets in";

function doorLine(reach: DoorReach): string {
  const { door } = reach;
  const partly = door.onlySomePods ? ', leads to some of the pods only' : '';
  const name = `${doorName(door)}${partly}`;
  return door.kind === 'service' ? name : `${name}: ${clientsText(reach)}`;
}

/** What holds for every door of a Service's type is said once, below the last of them. */
function doorsText({ doorReaches, isDeclared, isUndeclared }: ListedPort): readonly string[] {
  const shown = doorReaches.filter(({ door }) => door.kind !== 'container');
  const lastMasked = shown.findLast(({ maskedAsNode }) => maskedAsNode);
  return [
    ...shown.flatMap((reach) => [doorLine(reach), ...(reach === lastMasked ? [`  ${SNAT}`] : [])]),
    ...(isDeclared || isUndeclared ? [] : ['no container declares it; that keeps nobody from listening']),
  ];
}

function usedText({ conversations, lastSeenAt, by, services, isPerhaps }: PortUse): string {
  const whom =
    by.length === 0
      ? ''
      : `, by ${some(by.map(({ peer, conversations: own }) => `${peer} (${formatCount(own)})`))}`;
  const asked = services.length === 0 ? '' : `; asked for as Service ${some(services)}`;
  const perhaps = isPerhaps ? 'perhaps used, among many ports' : 'used';
  return `${perhaps}: ${plural(conversations, 'conversation')}, last ${formatInstant(lastSeenAt)}${whom}${asked}`;
}

function usageText(usage: Usage): string | undefined {
  switch (usage.kind) {
    case 'used':
      return usedText(usage.use);
    case 'denied':
      return `unused: ${plural(usage.use.denied, 'attempt')} denied, last ${formatInstant(usage.use.lastSeenAt)}`;
    case 'unused':
      return 'unused: the flows show its workload, and nobody who used this port';
    case 'workload-unseen':
      return 'unused as far as is known: nothing of its workload is in the flows';
    case 'host-network':
      return 'not known: flows show the node in place of its pods';
    case 'no-flows':
      return undefined;
    default:
      return unreachable(usage);
  }
}

function portLines(listed: ListedPort): readonly string[] {
  const { openness, workload, protocol, port, doors, isUndeclared, reach, usage } = listed;
  const name = doors.find(({ kind }) => kind === 'container' || kind === 'host-network')?.name;
  const named = name === undefined ? '' : ` (${name})`;
  const where = workload.source === undefined ? 'its workload is in no manifest' : 'nothing declares it';
  const undeclared = isUndeclared ? `, answered although ${where}` : '';
  const title = `${OPENNESS_WORDS[openness].padEnd(WIDTH)}${describeWorkload(workload)} ${protocol} ${port}${named}${undeclared}`;
  const used = usageText(usage);
  return [
    title,
    ...[...doorsText(listed), reachLine(reach), ...(used === undefined ? [] : [used])].map(
      (line) => `${INDENT}${line}`,
    ),
  ];
}

const sourceText = ({ file, line }: ObjectSource): string => `${file}:${line}`;

const deadEndLine = ({ kind, object, port, reason, source }: DeadEnd): string =>
  `${'NOWHERE'.padEnd(WIDTH)}${kind} ${object} ${port} (${sourceText(source)}): ${DEAD_END_WORDS[reason]}`;

function usageCounts(ports: readonly ListedPort[]): string {
  const of = (...kinds: readonly Usage['kind'][]): number =>
    ports.filter(({ usage }) => kinds.includes(usage.kind)).length;
  const unused = of('unused', 'denied');
  const unseen = of('workload-unseen');
  const undeclared = ports.filter(({ isUndeclared }) => isUndeclared).length;
  const answered = undeclared === 0 ? '' : `, ${formatCount(undeclared)} answered and are declared nowhere`;
  return `${formatCount(of('used'))} used, ${formatCount(unused)} unused, ${formatCount(unseen)} of workloads that the flows do not show${answered}`;
}

function coverageLines({ reading, model }: AskedCluster): readonly string[] {
  if (reading === undefined) return ['no flows given: whether anybody uses a port is not known'];
  const { lostEvents } = reading.coverage;
  return [
    ...(lostEvents > 0n
      ? [`${formatCount(lostEvents)} events were lost: what they would have shown is not here`]
      : []),
    ...(model.services.length === 0 ? ['the manifests hold no Service'] : []),
  ];
}

function summaryLines({ ports, deadEnds, total, asked }: PortsShown): readonly string[] {
  const { policies } = asked.model;
  const filtered = ports.length === total ? '' : ` of ${formatCount(total)}`;
  const counted = OPENNESS_LEVELS.flatMap((openness) => {
    const count = ports.filter((each) => each.openness === openness).length;
    return count === 0 ? [] : [`  ${formatCount(count)} ${OPENNESS_SENTENCES[openness]}`];
  });
  const usage = asked.reading === undefined ? [] : [`  ${usageCounts(ports)}`];
  const under = `${policiesText(policies.length)} (${asked.profile.name})`;
  return [
    `${plural(ports.length, 'port')}${filtered} under ${under}`,
    ...counted,
    ...usage,
    ...(deadEnds.length === 0
      ? []
      : [`  ${formatCount(deadEnds.length)} of Service ports and Ingress backends lead to no pod`]),
    ...coverageLines(asked),
  ];
}

/** The answer for a person. */
export function portsText(shown: PortsShown): string {
  const lines = [
    ...shown.ports.flatMap(portLines),
    ...shown.deadEnds.map(deadEndLine),
    ...summaryLines(shown),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

/** The answer for a program. */
export const portsJson = (shown: PortsShown): string => jsonText(portsAnswer(shown));
