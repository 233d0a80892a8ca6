import type { ConfidenceParts } from './proposal.ts';

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The longest unit that says more than one: an edge of 64 minutes in one hour is told by its minutes alone. */
function timesText({ minutes, hours, days }: ConfidenceParts): string {
  if (days > 1) return `${counted(minutes, 'minute')} on ${counted(days, 'day')}`;
  if (hours > 1) return `${counted(minutes, 'minute')} in ${counted(hours, 'hour')}`;
  return counted(minutes, 'minute');
}

const ENDS_TEXTS: Readonly<Record<ConfidenceParts['ends'], string>> = {
  both: 'both ends reported',
  one: 'one end reported',
  'only-one-possible': 'its own end reported',
};

const HOLD_OUT_TEXTS: Readonly<Record<ConfidenceParts['holdOut'], string>> = {
  survived: 'survived the hold-out',
  lost: 'lost in the hold-out',
  untested: 'not in the hold-out',
};

/** `64 minutes in 2 hours, both ends reported, handshake, 2 client pods, addressed by Service, survived the hold-out`. */
export function partsText(parts: ConfidenceParts): string {
  const { isSingleShot, proof, clientPods, declared } = parts;
  return [
    isSingleShot ? 'one conversation' : timesText(parts),
    ENDS_TEXTS[parts.ends],
    proof === 'none' ? 'direction not proven' : proof.replace('-', ' '),
    ...(clientPods === 0 ? [] : [counted(clientPods, 'client pod')]),
    ...(declared === 'service' ? ['addressed by Service'] : []),
    HOLD_OUT_TEXTS[parts.holdOut],
  ].join(', ');
}
