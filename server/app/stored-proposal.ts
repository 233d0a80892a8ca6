import { parseBaselineId } from '#core/baseline/baseline-codec.ts';
import { parseWorkloadIdText } from '#core/baseline/edge-codec.ts';
import {
  fieldOf,
  type MalformedField,
  misfit,
  pathOf,
  type Reader,
  readCount,
  readFields,
  readJson,
  readList,
  readOneOf,
  readOptional,
  readParsed,
  readText,
} from '#core/baseline/json-reader.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import type { Certificate } from '#core/policy/certificate.ts';
import { decodeCertificate } from '#core/policy/certify/certificate-codec.ts';
import { readConfidenceParts } from '#core/policy/generate/confidence-codec.ts';
import { readHoldOut } from '#core/policy/holdout/hold-out-codec.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type {
  ConfidenceGrade,
  NamespaceIsolation,
  Proposal,
  ProposalId,
  ProposalWarning,
  ProposedPolicy,
  RuleReason,
} from '#core/policy/proposal.ts';
import { readAddOn, readExternalEvidence } from '#core/policy/system/system-codec.ts';
import type { Result } from '#core/result.ts';

const GRADES: readonly ConfidenceGrade[] = ['A', 'B', 'C', 'D'];

const readWorkload = readParsed(parseWorkloadIdText, 'cluster/namespace/kind/name');

/** Keys are only ever looked up in the certificate beside them: one that is none finds nothing. */
const readEdgeKey: Reader<EdgeKey> = (value, at) => readText(value, at) as EdgeKey;

/** Codes of later versions are shown like any other; only the message is read by people. */
const readCode: Reader<ProposalWarning['code']> = (value, at) =>
  readText(value, at) as ProposalWarning['code'];

const readWarning: Reader<ProposalWarning> = (value, at) => {
  const { workload, ...warning } = readFields<{
    code: ProposalWarning['code'];
    workload: ProposalWarning['workload'];
    message: string;
  }>({ code: readCode, workload: readOptional(readWorkload), message: readText })(value, at);
  return workload === undefined ? warning : { ...warning, workload };
};

/** The judge survives any policy; what is shown of one needs its name and its spec. */
const readPolicy: Reader<NetworkPolicy> = (value, at) => {
  readText(fieldOf(fieldOf(value, at, 'metadata'), pathOf(at, 'metadata'), 'name'), pathOf(at, 'name'));
  fieldOf(fieldOf(value, at, 'spec'), pathOf(at, 'spec'), 'podSelector');
  return value as NetworkPolicy;
};

/** Proposals of earlier versions have no parts. */
const readReason: Reader<RuleReason> = (value, at) => {
  const { parts, ...reason } = readFields<
    Omit<RuleReason, 'parts'> & { readonly parts: RuleReason['parts'] | undefined }
  >({
    direction: readOneOf(['ingress', 'egress'] as const),
    index: readCount,
    edges: readList(readEdgeKey),
    comment: readText,
    confidence: readOneOf(GRADES),
    parts: readOptional(readConfidenceParts),
  })(value, at);
  return parts === undefined ? reason : { ...reason, parts };
};

const readProposedPolicy = readFields<ProposedPolicy>({
  workload: readWorkload,
  policy: readPolicy,
  reasons: readList(readReason),
  warnings: readList(readWarning),
});

const readIsolation = readFields<NamespaceIsolation>({
  namespace: readText,
  policy: readPolicy,
  isolatesWithoutEvidence: readList(readWorkload),
});

const readCertificate: Reader<Certificate> = (value, at) => {
  const read = decodeCertificate(value);
  return read.ok ? read.value : misfit(pathOf(at, read.error.at), read.error.expected);
};

const readProposalId = readParsed(
  (text) => (/^[A-Za-z0-9:_-]{1,128}$/.test(text) ? (text as ProposalId) : undefined),
  'an id',
);

/** What proposals of earlier versions, and those made without, do not have. */
type Later = Pick<Proposal, 'holdOut' | 'addOns' | 'external'>;

const readFullProposal = readFields<
  Omit<Proposal, keyof Later> & { readonly [Field in keyof Later]-?: Later[Field] | undefined }
>({
  id: readProposalId,
  baseline: readParsed(parseBaselineId, 'an id'),
  policies: readList(readProposedPolicy),
  isolation: readList(readIsolation),
  warnings: readList(readWarning),
  certificate: readCertificate,
  holdOut: readOptional(readHoldOut),
  addOns: readOptional(readList(readAddOn)),
  external: readOptional(readList(readExternalEvidence)),
});

const readProposal: Reader<Proposal> = (value, at) => {
  const { holdOut, addOns, external, ...proposal } = readFullProposal(value, at);
  return {
    ...proposal,
    ...(holdOut === undefined ? {} : { holdOut }),
    ...(addOns === undefined ? {} : { addOns }),
    ...(external === undefined ? {} : { external }),
  };
};

/** Reads a proposal back out of the ledger; one of an older layout is a failure that names the field. */
export const decodeProposal = (content: unknown): Result<Proposal, MalformedField> =>
  readJson(content, readProposal);
