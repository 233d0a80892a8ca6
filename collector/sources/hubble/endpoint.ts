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

/** Some 20 000 pods with eight labels each. */
const MAX_REMEMBERED_LENGTH = 8 * 1024 * 1024;
const MAX_LABELS = 64;
const MAX_LABELS_LENGTH = 4096;

/** What endpoints of one pod have in common. */
interface PodParts {
  /** The label list as it came. */
  readonly from: readonly unknown[];
  readonly pod: string | undefined;
  readonly labels: EndpointLabels;
  /** As last reported. */
  workloads: Workloads;
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
 * A pod's labels come again in each of its flows: they are taken apart once, and its maps and texts are shared.
 * Bounded in bytes, so that a stream of ever new labels costs time but no memory.
 */
class PodMemory {
  readonly #byKey = new Map<string, PodParts>();
  #length = 0;

  /** What goes with a label list that is not empty; undefined when an element is no text. */
  recall(pod: string | undefined, labels: readonly unknown[]): PodParts | undefined {
    const key = pod ?? labels[0];
    const known = typeof key === 'string' ? this.#byKey.get(key) : undefined;
    if (known !== undefined && known.pod === pod && sameLabels(known.from, labels)) return known;
    if (typeof key !== 'string' || !isLabelList(labels)) return undefined;
    const parts = { from: labels, pod, labels: parseEndpointLabels(labels), workloads: NO_WORKLOADS };
    const length = lengthOf(labels) + key.length;
    if (labels.length <= MAX_LABELS && length <= MAX_LABELS_LENGTH) this.#remember(key, parts, length);
    return parts;
  }

  /** What it replaces goes on counting until the next start from nothing: a bound, no exact measure. */
  #remember(key: string, parts: PodParts, length: number): void {
    if (this.#length + length > MAX_REMEMBERED_LENGTH) {
      this.#byKey.clear();
      this.#length = 0;
    }
    this.#length += length;
    this.#byKey.set(key, parts);
  }
}

interface WireWorkload {
  readonly name?: unknown;
  readonly kind?: unknown;
}

const workloadOf = (item: unknown): WireWorkload => (typeof item === 'object' && item !== null ? item : {});

function isLatest(value: readonly unknown[], [latest]: Workloads): boolean {
  const { name, kind } = workloadOf(value[0]);
  return value.length === 1 && latest !== undefined && latest.name === name && latest.kind === kind;
}

/** The owners in an endpoint's message; those reported before when they are the same. */
function workloadsOf(value: unknown, parts: PodParts): Workloads {
  if (!Array.isArray(value) || value.length === 0) return NO_WORKLOADS;
  if (parts.workloads.length === 1 && isLatest(value, parts.workloads)) return parts.workloads;
  const workloads: { name: string; kind: string }[] = [];
  for (const item of value) {
    const { name, kind } = workloadOf(item);
    if (typeof name === 'string' && name !== '') workloads.push({ name, kind: looseText(kind) ?? 'unknown' });
  }
  parts.workloads = workloads;
  return workloads;
}

/** The names that stand in the flow, and those that its labels give. */
export function namesOf(value: unknown, fqdns: readonly string[]): readonly string[] {
  const names = looseTexts(value);
  if (fqdns.length === 0) return names;
  return names.length === 0 ? fqdns : [...new Set([...names, ...fqdns])];
}

const unlabelled = (pod: string | undefined): PodParts => ({
  from: [],
  pod,
  labels: UNLABELLED,
  workloads: NO_WORKLOADS,
});

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
  readonly #memory = new PodMemory();

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
    const parts =
      this.#partsOf(wire.labels ?? wire.labelsList, pod) ?? faults.note(fields.labels) ?? unlabelled(pod);
    const { labels } = parts;
    return {
      ip: context.ip,
      port: context.port,
      identity: identity === 0 ? undefined : identity,
      cluster: looseText(wire.cluster_name ?? wire.clusterName) ?? labels.cluster ?? context.cluster,
      namespace: namespace ?? labels.namespace,
      pod: parts.pod,
      workloads: workloadsOf(wire.workloads, parts),
      labels: labels.pod,
      namespaceLabels: labels.namespaceLabels,
      entities: labels === UNLABELLED ? entitiesOfIdentity(identity) : labels.entities,
      names: namesOf(context.names, labels.fqdns),
    };
  }

  /** Undefined when the value is no list of text. */
  #partsOf(value: unknown, pod: string | undefined): PodParts | undefined {
    if (value === undefined || value === null) return unlabelled(pod);
    if (!Array.isArray(value)) return undefined;
    return value.length === 0 ? unlabelled(pod) : this.#memory.recall(pod, value);
  }
}
