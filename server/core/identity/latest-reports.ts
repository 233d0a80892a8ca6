import type { FlowEndpoint } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';

/** From when to when something was seen. */
export interface Span {
  firstAt: EpochMs;
  lastAt: EpochMs;
}

export function widen(span: Span, at: EpochMs): void {
  if (at < span.firstAt) span.firstAt = at;
  if (at > span.lastAt) span.lastAt = at;
}

/** Only the node a pod runs on reports its owners: to report none is no contradiction. */
function saysNoMore(reported: FlowEndpoint['workloads'], known: FlowEndpoint['workloads']): boolean {
  const [owner] = reported;
  if (owner === undefined) return true;
  const [knownOwner] = known;
  const isOne = reported.length === 1 && known.length === 1;
  return isOne && owner.name === knownOwner?.name && owner.kind === knownOwner.kind;
}

/** Decoders share the labels of a pod between its flows: the same labels are the same object. */
const isRepeated = (endpoint: FlowEndpoint, known: FlowEndpoint): boolean =>
  endpoint.labels === known.labels &&
  endpoint.namespaceLabels === known.namespaceLabels &&
  endpoint.ip === known.ip &&
  endpoint.namespace === known.namespace &&
  endpoint.cluster === known.cluster &&
  saysNoMore(endpoint.workloads, known.workloads);

/**
 * What each pod's endpoint said last. Nearly every flow repeats it, and then there is nothing to learn but that it was
 * still so at the flow's time. Memory grows with pods; what to remember is the caller's to bound.
 */
export class LatestReports {
  readonly #byPodName = new Map<
    string,
    { readonly endpoint: FlowEndpoint; readonly spans: readonly Span[] }
  >();

  /** True when the endpoint says again what it said last: the spans remembered with that are widened. */
  repeats(endpoint: FlowEndpoint, at: EpochMs): boolean {
    if (endpoint.pod === undefined) return false;
    const known = this.#byPodName.get(endpoint.pod);
    if (known === undefined || !isRepeated(endpoint, known.endpoint)) return false;
    for (const span of known.spans) widen(span, at);
    return true;
  }

  /** Remembers a report that was learnt from, and the spans it widened. */
  remember(endpoint: FlowEndpoint, spans: readonly Span[]): void {
    if (endpoint.pod !== undefined) this.#byPodName.set(endpoint.pod, { endpoint, spans });
  }
}
