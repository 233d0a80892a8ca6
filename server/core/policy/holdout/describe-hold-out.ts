import type { HoldOut, HoldOutRow } from './hold-out.ts';

const KIND_TEXTS: Readonly<Record<HoldOutRow['kind'], string>> = {
  'new-workload': 'a workload not met before',
  'new-pair': 'workloads that had not talked before',
  'new-port': 'a known pair on a new port',
  'held-then': 'held for review at the cut, accepted now',
  'new-labels': 'pods with labels not met before',
  'new-outside': 'an outside address or name not met before',
  'new-visitor': 'new visitors of a public port',
  held: 'held or rejected, then and now',
  'not-expressible': 'no NetworkPolicy can name it',
};

/** What was new about it, in a few words. */
export const lossKindText = (kind: HoldOutRow['kind']): string => KIND_TEXTS[kind];

/** `0.6 %`; a share that is not nothing never reads as nothing. */
export function rateText({ rate, lost }: Pick<HoldOut, 'rate' | 'lost'>): string {
  if (lost.conversations === 0) return '0 %';
  return rate < 0.001 ? 'less than 0.1 %' : `${(rate * 100).toFixed(1)} %`;
}

/** Why there is no hold-out to speak of; undefined when there is one. */
export function noHoldOutText(holdOut: HoldOut | undefined): string | undefined {
  if (holdOut === undefined) return 'It was turned off.';
  if (holdOut.outcome === 'too-short') {
    return 'The recording is too short to be cut: it needs a full minute on each side.';
  }
  if (holdOut.outcome === 'nothing-seen') {
    return 'Nothing passed on one side of the cut, so nothing could be learnt there or judged.';
  }
  return undefined;
}
