import { parseWorkloadIdText, readEnds } from '#core/baseline/edge-codec.ts';
import {
  type MalformedField,
  misfit,
  type Reader,
  readCount,
  readFields,
  readFlag,
  readInteger,
  readJson,
  readList,
  readNumber,
  readOneOf,
  readOptional,
  readParsed,
  readPort,
  readText,
} from '#core/baseline/json-reader.ts';
import type { Scope, TrainingWindow } from '#core/baseline/training-window.ts';
import { DIRECTION_PROOFS } from '#core/flow/direction.ts';
import { edgeKey } from '#core/graph/edge.ts';
import { parseNamespaceName } from '#core/identity/names.ts';
import type { Result } from '#core/result.ts';
import {
  type BlindSpots,
  type CellSample,
  type Certificate,
  type CertificateTotals,
  EXTRA_KINDS,
  type Extra,
  type JudgedEdge,
  NOT_ADMITTED_REASONS,
  type PodOwner,
  type PortInterval,
  type Universe,
} from '../certificate.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Labels, NamedPort, World, WorldNamespace, WorldPod } from '../world.ts';
import { readBudget, readMinimality } from './minimality-codec.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
const NETWORKS = ['aws-vpc-cni', 'calico', 'cilium', 'kubernetes', 'ovn-kubernetes'] as const;
const FORMAT = ['bulkhead.certificate/v1'] as const;

const readWorkloadId = readParsed(parseWorkloadIdText, 'cluster/namespace/kind/name');

/** Fields that are left out when there is nothing to say must stay out: absent and undefined hash differently. */
const withoutGaps = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T; // fewer keys, same values

const readScope = readFields<Scope>({
  cluster: readText,
  namespaces: readList(readParsed(parseNamespaceName, 'a namespace name')),
  workloads: readList(readWorkloadId),
});

const readInterval = readFields<PortInterval>({
  protocol: readOneOf(PROTOCOLS),
  from: readPort,
  to: readPort,
});

const readUniverseFields = readFields<{ [Field in keyof Universe]-?: Universe[Field] | undefined }>({
  description: readText,
  pods: readCount,
  peers: readCount,
  portIntervals: readList(readInterval),
  cidrAtoms: readList(readText),
  cellsJudged: readCount,
  cells: readOptional(readCount),
  sample: readOptional(readFields<CellSample>({ cells: readCount, seed: readText })),
});

const readUniverse: Reader<Universe> = (value, at) => withoutGaps(readUniverseFields(value, at)) as Universe; // optional fields are now absent, not undefined

type EdgeVerdict = Omit<JudgedEdge, 'key' | 'from' | 'to' | 'protocol' | 'port'>;

const readEdgeVerdict = readFields<{ [Field in keyof EdgeVerdict]-?: EdgeVerdict[Field] | undefined }>({
  line: readText,
  addresses: readList(readText),
  conversations: readCount,
  accepted: readFlag,
  admitted: readFlag,
  reason: readOptional(readOneOf(NOT_ADMITTED_REASONS)),
  note: readOptional(readText),
  proof: readOneOf([...DIRECTION_PROOFS, 'none'] as const),
});

const readJudgedEdge: Reader<JudgedEdge> = (value, at) => {
  const ends = readEnds(value, at);
  const verdict = withoutGaps(readEdgeVerdict(value, at)) as EdgeVerdict; // optional fields are now absent, not undefined
  return { key: edgeKey(ends), ...ends, ...verdict };
};

const readExtra = readFields<Extra>({
  from: readText,
  to: readText,
  ports: readInterval,
  admittedBy: readList(readText),
  kind: readOneOf(EXTRA_KINDS),
  why: readText,
});

const readTotals = readFields<CertificateTotals>({
  trainingEdges: readCount,
  admittedEdges: readCount,
  trainingConversations: readCount,
  admittedConversations: readCount,
  coverage: readNumber,
  tightness: readNumber,
  extras: readCount,
  policies: readCount,
  rules: readCount,
  pairsBefore: readCount,
  pairsAfter: readCount,
});

const readBlindSpots = readFields<BlindSpots>({
  lostEvents: readText,
  undecidedConversations: readCount,
  unresolvedConversations: readCount,
  heldEdges: readCount,
  rejectedEdges: readCount,
  silentNodes: readList(readText),
  closedEarly: readCount,
  shedPods: readCount,
  trainedFrom: readInteger,
  trainedUntil: readInteger,
});

const readLabel: Reader<Labels[number]> = (value, at) => {
  const [key, label, ...rest] = readList(readText)(value, at);
  return key !== undefined && label !== undefined && rest.length === 0
    ? [key, label]
    : misfit(at, '[key, value]');
};

const readNamedPort = readFields<NamedPort>({
  name: readText,
  protocol: readOneOf(PROTOCOLS),
  port: readPort,
});

const readPodFields = readFields<WorldPod>({
  namespace: readText,
  name: readText,
  labels: readList(readLabel),
  ips: readList(readText),
  namedPorts: readList(readNamedPort),
  hostNetwork: readFlag,
  node: readOptional(readText),
  phase: readOptional(readText),
  bare: readOptional(readFlag),
});

const readPod: Reader<WorldPod> = (value, at) => withoutGaps(readPodFields(value, at));

/** The judge survives any policy, so its pieces are not checked here; see `policyProblems`. */
const readPolicy: Reader<NetworkPolicy> = (value, at) => {
  const { metadata } = readFields<{ metadata: { name: string } }>({
    metadata: readFields<{ name: string }>({ name: readText }),
  })(value, at);
  return metadata.name === '' ? misfit(at, 'a policy with a name') : (value as NetworkPolicy);
};

const readWorld = readFields<World>({
  namespaces: readList(readFields<WorldNamespace>({ name: readText, labels: readList(readLabel) })),
  pods: readList(readPod),
  policies: readList(readPolicy),
});

const readCertificateFields = readFields<{
  [Field in keyof Certificate]-?: Certificate[Field] | undefined;
}>({
  format: readOneOf(FORMAT),
  toolVersion: readText,
  contentHash: readText,
  profile: readOneOf(NETWORKS),
  scope: readScope,
  window: readFields<TrainingWindow>({ from: readInteger, until: readInteger }),
  universe: readUniverse,
  conversations: readList(readJudgedEdge),
  extras: readList(readExtra),
  totals: readTotals,
  blindSpots: readBlindSpots,
  world: readWorld,
  owners: readList(readFields<PodOwner>({ pod: readText, workload: readWorkloadId })),
  minimality: readOptional(readMinimality),
  budget: readOptional(readBudget),
});

const readCertificate: Reader<Certificate> = (value, at) =>
  withoutGaps(readCertificateFields(value, at)) as Certificate; // optional fields are now absent, not undefined

/** Reads a certificate out of parsed JSON; its hash is checked by `recheck`, not here. */
export const decodeCertificate = (value: unknown): Result<Certificate, MalformedField> =>
  readJson(value, readCertificate);
