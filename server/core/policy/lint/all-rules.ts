import type { LintRule } from './lint-rule.ts';
import { blockInsideCluster, cidrHostBits, exceptUndone, ipv6Gap, ipv6Slash32 } from './rules/addresses.ts';
import {
  apiRefused,
  duplicateName,
  manifestUnreadable,
  otherPolicyKinds,
  podSelectorMissing,
  unknownField,
} from './rules/api-server.ts';
import {
  hostNetworkPeer,
  namespaceNameLabel,
  namespaceSelectorNone,
  peerNone,
  peerOtherNamespace,
} from './rules/dead-peers.ts';
import { barePodOpen, hostNetworkSubject, namespaceAbsent, subjectNone } from './rules/dead-selectors.ts';
import { dnsBlocked, dnsNodeLocal, dnsTcpBlocked } from './rules/dns.ts';
import { namespaceGaps, namespaceOpen } from './rules/namespaces.ts';
import { endPortIgnored, mapSize, sctpUnsupported, tooManyPorts } from './rules/networks.ts';
import { openEgressRule, openIngressRule, peerAllAddresses, peerAllPods } from './rules/open-rules.ts';
import { directionOpen, emptyListDropped, policyTypesImplied, sectionIgnored } from './rules/policy-types.ts';
import {
  namedPortProtocol,
  namedPortSpread,
  namedPortUnknown,
  servicePortUsed,
  serviceTargetUnknown,
} from './rules/ports.ts';
import { peerRedundant, ruleRedundant } from './rules/redundancy.ts';
import { splitPeer, volatileLabel } from './rules/selectors.ts';
import { ignoreUnknown } from './rules/suppressions.ts';

const WITHOUT_ITSELF: readonly LintRule[] = [
  apiRefused,
  unknownField,
  podSelectorMissing,
  emptyListDropped,
  manifestUnreadable,
  duplicateName,
  otherPolicyKinds,
  sectionIgnored,
  policyTypesImplied,
  directionOpen,
  openIngressRule,
  openEgressRule,
  peerAllPods,
  peerAllAddresses,
  subjectNone,
  namespaceAbsent,
  hostNetworkSubject,
  barePodOpen,
  peerNone,
  peerOtherNamespace,
  hostNetworkPeer,
  namespaceSelectorNone,
  namespaceNameLabel,
  splitPeer,
  volatileLabel,
  namedPortUnknown,
  namedPortProtocol,
  namedPortSpread,
  servicePortUsed,
  serviceTargetUnknown,
  dnsBlocked,
  dnsTcpBlocked,
  dnsNodeLocal,
  cidrHostBits,
  ipv6Slash32,
  ipv6Gap,
  exceptUndone,
  blockInsideCluster,
  ruleRedundant,
  peerRedundant,
  namespaceOpen,
  namespaceGaps,
  tooManyPorts,
  endPortIgnored,
  sctpUnsupported,
  mapSize,
];

/** Every rule there is, by theme. */
export const LINT_RULES: readonly LintRule[] = [
  ...WITHOUT_ITSELF,
  ignoreUnknown(WITHOUT_ITSELF.map(({ id }) => id)),
];

/** The rule of an id; undefined for none. */
export const ruleNamed = (id: string): LintRule | undefined => LINT_RULES.find((rule) => rule.id === id);
