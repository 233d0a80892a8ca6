/** What goes wrong on purpose. Shares are from 0 to 1, times in milliseconds. */
export interface FaultPlan {
  /** Breaks each stream off after about so long, or after about so many messages. */
  readonly cut?: { readonly afterMs: number } | { readonly afterMessages: number };
  /** Flows that are lost at their node, which says how many. */
  readonly loseShare?: number;
  /** Flows that come a second time. */
  readonly duplicateShare?: number;
  /** Flows that come after later ones. */
  readonly reorderShare?: number;
  /** A node whose flows come late; the seed chooses one where none is named. */
  readonly slow?: { readonly byMs: number; readonly node: string | undefined };
  /** From time to time a node says nothing for so long, and then everything at once. */
  readonly stallMs?: number;
  /** From time to time a node is unavailable for so long; what it saw meanwhile is never told. */
  readonly goneMs?: number;
  /** The nodes' clocks are ahead by this, or behind. */
  readonly skewMs?: number;
  /** Streams open, and no flow ever comes. */
  readonly isMute?: boolean;
  /** Every call is refused with PERMISSION_DENIED. */
  readonly isDenied?: boolean;
  /** A Relay without a single node. */
  readonly hasNoNodes?: boolean;
  /** What can not be served is told as Relay does: NODE_ERROR for each node, and no end. */
  readonly tellsNodeErrors?: boolean;
}

/** A plan, or one sentence that says what is wrong with its text. */
export type ParsedFaults =
  | { readonly ok: true; readonly value: FaultPlan }
  | { readonly ok: false; readonly error: string };

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `250ms`, `30s`, `5m` or `1h`, with a sign where it has one; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const [, sign = '', digits = '', unit = ''] = /^([+-]?)(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
  const scale = UNIT_MS[unit];
  return scale === undefined ? undefined : Number(`${sign}${digits}`) * scale;
}

const positiveSpan = (text: string): number | undefined => {
  const span = parseSpan(text);
  return span !== undefined && span > 0 ? span : undefined;
};

/** A share of `1%` or `0.01`. */
function shareOf(text: string): number | undefined {
  const [, digits = '', percent = ''] = /^(\d{1,3}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const share = Number(digits) / (percent === '' ? 1 : 100);
  return share >= 0 && share <= 1 ? share : undefined;
}

function cutOf(text: string): FaultPlan['cut'] | undefined {
  if (/^[1-9]\d{0,8}$/.test(text)) return { afterMessages: Number(text) };
  const afterMs = positiveSpan(text);
  return afterMs === undefined ? undefined : { afterMs };
}

function slowOf(text: string): FaultPlan['slow'] | undefined {
  const colon = text.lastIndexOf(':');
  const byMs = positiveSpan(text.slice(colon + 1));
  const node = colon === -1 ? undefined : text.slice(0, colon);
  return byMs === undefined || node === '' ? undefined : { byMs, node };
}

/** A fault by its name: how its value is read, and an example of one. */
interface Fault {
  readonly example: string;
  readonly read: (value: string) => FaultPlan | undefined;
}

const valued = <Value>(
  example: string,
  parse: (text: string) => Value | undefined,
  plan: (value: Value) => FaultPlan,
): Fault => ({
  example,
  read: (text) => {
    const value = parse(text);
    return value === undefined ? undefined : plan(value);
  },
});

const bare = (plan: FaultPlan): Fault => ({
  example: '',
  read: (text) => (text === '' ? plan : undefined),
});

const FAULTS: Readonly<Record<string, Fault>> = {
  cut: valued('30s', cutOf, (cut) => ({ cut })),
  lose: valued('1%', shareOf, (loseShare) => ({ loseShare })),
  duplicate: valued('1%', shareOf, (duplicateShare) => ({ duplicateShare })),
  reorder: valued('1%', shareOf, (reorderShare) => ({ reorderShare })),
  slow: valued('2s', slowOf, (slow) => ({ slow })),
  stall: valued('20s', positiveSpan, (stallMs) => ({ stallMs })),
  gone: valued('20s', positiveSpan, (goneMs) => ({ goneMs })),
  skew: valued('5m', parseSpan, (skewMs) => ({ skewMs })),
  mute: bare({ isMute: true }),
  deny: bare({ isDenied: true }),
  'no-nodes': bare({ hasNoNodes: true }),
  'node-errors': bare({ tellsNodeErrors: true }),
};

const sample = (name: string): string => {
  const example = FAULTS[name]?.example ?? '';
  return example === '' ? name : `${name}=${example}`;
};

/** All faults, each with an example of its value. */
export const FAULT_SAMPLES: readonly string[] = Object.keys(FAULTS).map(sample);

/** Reads `cut=30s,lose=1%`: faults by name, separated by commas. */
export function parseFaults(text: string): ParsedFaults {
  let plan: FaultPlan = {};
  for (const part of text.split(',').map((one) => one.trim())) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const fault = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
    if (fault === undefined) {
      return { ok: false, error: `there is no fault ${name}; there are ${FAULT_SAMPLES.join(', ')}.` };
    }
    const read = fault.read(equals === -1 ? '' : part.slice(equals + 1));
    if (read === undefined)
      return { ok: false, error: `${part} can not be read; write it as in ${sample(name)}.` };
    plan = { ...plan, ...read };
  }
  return { ok: true, value: plan };
}
