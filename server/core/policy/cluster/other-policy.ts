/** Kinds that decide on connections too, and that nobody here judges. Staged ones are never enforced. */
export const isOtherPolicy = (kind: string): boolean =>
  (kind.endsWith('NetworkPolicy') && !kind.startsWith('Staged')) || kind === 'AuthorizationPolicy';
