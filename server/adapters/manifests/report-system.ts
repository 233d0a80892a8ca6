import { formatInstant } from '#core/flow/time.ts';
import { describePeer, type WorkloadId } from '#core/identity/peer.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { AddOnName, SystemAddOn } from '#core/policy/system/add-on.ts';
import type { ExternalEvidence } from '#core/policy/system/external-evidence.ts';
import { code, sentence, table } from './markdown.ts';

type Lines = readonly string[];

/** Workloads named in one row; the JSON beside the report has all. */
const WORKLOADS_SHOWN = 8;

const TITLES: Readonly<Record<AddOnName, string>> = {
  dns: "DNS at the cluster's resolver",
  'node-local-dns': 'DNS at a cache on the node',
  'cloud-dns': 'DNS at a resolver outside the cluster',
  'api-server': 'Kubernetes API server',
  webhooks: 'webhooks that the API server calls',
  'load-balancer': 'visitors from outside',
  ingress: "the network's own Ingress",
  metrics: 'metrics scrapes',
};

const workloadText = (id: WorkloadId): string => code(describePeer({ kind: 'workload', id }));

function workloadsText(ids: readonly WorkloadId[]): string {
  const more = ids.length - WORKLOADS_SHOWN;
  const shown = ids.slice(0, WORKLOADS_SHOWN).map(workloadText).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

const rulesText = ({ edges, withoutRule }: SystemAddOn): string =>
  withoutRule === 0
    ? `${edges.length} of ${edges.length}`
    : `${edges.length - withoutRule} of ${edges.length}`;

function addOnSection(addOns: readonly SystemAddOn[]): Lines {
  if (addOns.length === 0) return [];
  return [
    '## System traffic',
    '',
    'What a cluster needs to run, told from what the applications do. Edges without a rule stand under "Not admitted" with the reason.',
    '',
    ...table(
      ['for', 'workloads', 'conversations', 'edges with a rule', 'taken for that since'],
      addOns.map((addOn) => [
        TITLES[addOn.name],
        workloadsText(addOn.workloads),
        String(addOn.conversations),
        rulesText(addOn),
        sentence(addOn.evidence.join('; ')),
      ]),
    ),
    '',
  ];
}

const lateText = ({ addresses, late }: ExternalEvidence): string =>
  late === 0 ? String(addresses) : `${addresses}, ${late} of them new in the last fifth`;

function externalSection(external: readonly ExternalEvidence[]): Lines {
  if (external.length === 0) return [];
  return [
    '## Outside the cluster',
    '',
    'NetworkPolicy knows no names: a rule holds the addresses that were seen behind one, and no others. Where new ones kept coming, the rule will block; a policy by name (CiliumNetworkPolicy `toFQDNs`) would not.',
    '',
    ...table(
      ['workload', 'direction', 'name', 'ports', 'addresses', 'conversations', 'last seen'],
      external.map((each) => [
        workloadText(each.workload),
        each.direction,
        each.name === undefined ? 'none known' : code(each.name),
        each.ports.join(', '),
        lateText(each),
        String(each.conversations),
        formatInstant(each.lastSeenAt),
      ]),
    ),
    '',
  ];
}

/** System traffic and the outside, as sections of the report. */
export const systemSections = ({ addOns = [], external = [] }: Proposal): Lines => [
  ...addOnSection(addOns),
  ...externalSection(external),
];
