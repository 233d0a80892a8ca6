import type { CniProfile } from '../world.ts';

/**
 * The specification as the Kubernetes end-to-end tests read it: an ipBlock is held against every address. Its text
 * only says that blocks are meant for addresses outside the cluster; the tests expect a pod's `/32` to work.
 */
export const KUBERNETES_PROFILE: CniProfile = {
  name: 'kubernetes',
  ipBlockMatchesPods: true,
  ipBlockMatchesNodes: true,
  ipBlockMatchesReserved: true,
};

/** Cilium as it comes: an ipBlock matches the world outside and nothing that Cilium has an identity of its own for. */
export const CILIUM_PROFILE: CniProfile = {
  name: 'cilium',
  ipBlockMatchesPods: false,
  ipBlockMatchesNodes: false,
  ipBlockMatchesReserved: false,
};

/** The profile a certificate names. */
export const profileNamed = (name: CniProfile['name']): CniProfile =>
  name === 'cilium' ? CILIUM_PROFILE : KUBERNETES_PROFILE;
