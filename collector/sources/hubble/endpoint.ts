import type { FlowEndpoint } from '#core/flow/flow.ts';
import { type EndpointLabels, entitiesOfIdentity, parseEndpointLabels, UNLABELLED } from './labels.ts';
import {
  type Faults,
  integerAt,
  looseText,
  looseTexts,
  messageAt,
  textAt,
  type WireEndpoint,
} from './wire.ts';

/** What stands beside an endpoint's own message in the flow. */
export interface EndpointContext {
  readonly ip: string | undefined;
  readonly port: number | undefined;
  /** `source_names` or `destination_names`, as parsed. */
  readonly names: unknown;
  /** The exporting cluster, for an endpoint that names none. */
  readonly cluster: string | undefined;
  readonly faults: Faults;
}

type Workloads = FlowEndpoint['workloads'];
const NO_WORKLOADS: Workloads = [];

const MAX_REMEMBERED = 4096;
const MAX_REMEMBERED_LABELS = 64;
const MAX_REMEMBERED_LENGTH = 4096;

interface Remembered {
  readonly from: readonly unknown[];
  readonly labels: EndpointLabels;
}

function sameLabels(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

const isLabelList = (labels: readonly unknown[]): labels is readonly string[] =>
  labels.every((label) => typeof label === 'string');

const lengthOf = (labels: readonly string[]): number => labels.reduce((sum, label) => sum + label.length, 0);

/**
 * Label lists come again and again, a pod's in each of its flows: each is taken apart once and its maps are shared.
 * Bounded in number and in bytes, so that a stream of ever new labels costs time but no memory.
 */
class LabelMemory {
  readonly #byPod = new Map<string, Remembered>();

  /** The parts of a label list; undefined when an element is no text. */
  parse(pod: string, labels: readonly unknown[]): EndpointLabels | undefined {
    const known = this.#byPod.get(pod);
    if (known !== undefined && sameLabels(known.from, labels)) return known.labels;
    if (!isLabelList(labels)) return undefined;
    const parsed = parseEndpointLabels(labels);
    const isSmall =
      labels.length <= MAX_REMEMBERED_LABELS && lengthOf(labels) + pod.length <= MAX_REMEMBERED_LENGTH;
    if (isSmall) this.#remember(pod, { from: labels, labels: parsed });
    return parsed;
  }

  #remember(pod: string, entry: Remembered): void {
    if (this.#byPod.size >= MAX_REMEMBERED) this.#byPod.clear();
    this.#byPod.set(pod, entry);
  }
}

function workloadsOf(value: unknown): Workloads {
  if (!Array.isArray(value) || value.length === 0) return NO_WORKLOADS;
  const workloads: { name: string; kind: string }[] = [];
  for (const item of value) {
    const { name, kind } = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    if (typeof name === 'string' && name !== '') workloads.push({ name, kind: looseText(kind) ?? 'unknown' });
  }
  return workloads;
}

function namesOf(value: unknown, fqdns: readonly string[]): readonly string[] {
  const names = looseTexts(value);
  if (fqdns.length === 0) return names;
  return names.length === 0 ? fqdns : [...new Set([...names, ...fqdns])];
}

const NO_ENDPOINT: WireEndpoint = {};

/** Spelled out once, since a field's name is wanted only when it is wrong. */
const END_FIELDS = {
  source: {
    pod: 'source.pod_name',
    identity: 'source.identity',
    namespace: 'source.namespace',
    labels: 'source.labels',
  },
  destination: {
    pod: 'destination.pod_name',
    identity: 'destination.identity',
    namespace: 'destination.namespace',
    labels: 'destination.labels',
  },
} as const;

/** Decodes one end of a flow after another, sharing what they have in common. */
export class EndpointDecoder {
  readonly #memory = new LabelMemory();

  /**
   * The end whose message is `value`; what is wrong with it is noted in the context's faults. The labels say who it
   * is: an identity number alone is used only where there are none.
   */
  decode(value: unknown, end: keyof typeof END_FIELDS, context: EndpointContext): FlowEndpoint {
    const { faults } = context;
    const fields = END_FIELDS[end];
    const wire = messageAt<WireEndpoint>(value, end, faults) ?? NO_ENDPOINT;
    const pod = textAt(wire.pod_name ?? wire.podName, fields.pod, faults);
    const identity = integerAt(wire.identity, fields.identity, faults);
    const namespace = textAt(wire.namespace, fields.namespace, faults);
    const labels =
      this.#labelsOf(wire.labels ?? wire.labelsList, pod) ?? faults.note(fields.labels) ?? UNLABELLED;
    return {
      ip: context.ip,
      port: context.port,
      identity: identity === 0 ? undefined : identity,
      cluster: looseText(wire.cluster_name ?? wire.clusterName) ?? labels.cluster ?? context.cluster,
      namespace: namespace ?? labels.namespace,
      pod,
      workloads: workloadsOf(wire.workloads),
      labels: labels.pod,
      namespaceLabels: labels.namespaceLabels,
      entities: labels === UNLABELLED ? entitiesOfIdentity(identity) : labels.entities,
      names: namesOf(context.names, labels.fqdns),
    };
  }

  /** Undefined when the value is no list of text. */
  #labelsOf(value: unknown, pod: string | undefined): EndpointLabels | undefined {
    if (value === undefined || value === null) return UNLABELLED;
    if (!Array.isArray(value)) return undefined;
    const [first] = value as readonly unknown[];
    if (first === undefined) return UNLABELLED;
    return typeof first === 'string' ? this.#memory.parse(pod ?? first, value) : undefined;
  }
}
