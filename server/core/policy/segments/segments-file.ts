import type { Entity } from '#core/identity/peer.ts';
import type { FieldPath } from '../cluster/manifest-problem.ts';
import type { PortSet } from '../connections/port-set.ts';

/** What a file of segments begins with: `bulkhead: segments/v1`. */
export const SEGMENTS_VERSION = 'segments/v1';

/**
 * Segments that need no definition. `everyone` is every pod of the cluster, everything outside it, and what reaches
 * pods from a node or a proxy, less a pod's own node and health checks; `world` is every address outside the cluster;
 * `internet` those of them that are public.
 */
export const BUILT_IN_SEGMENTS = [
  'everyone',
  'world',
  'internet',
  'host',
  'remote-node',
  'kube-apiserver',
  'health',
  'ingress',
  'unmanaged',
  'init',
] as const satisfies readonly (Entity | 'everyone' | 'internet')[];

/** A label whose value must be one of these. */
export interface LabelWish {
  readonly key: string;
  readonly values: readonly string[];
}

/** `kind` undefined: whatever kind it is. */
export interface NamedWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string | undefined;
}

/** Who belongs to a segment. */
export type Membership =
  /** Pods for which everything that is said holds; an empty list says nothing. */
  | {
      readonly kind: 'pods';
      readonly namespaces: readonly string[];
      readonly namespaceLabels: readonly LabelWish[];
      readonly workloads: readonly NamedWorkload[];
      readonly pods: readonly LabelWish[];
    }
  /** Addresses outside the cluster; a pod is never one of them. */
  | { readonly kind: 'addresses'; readonly cidrs: readonly string[]; readonly except: readonly string[] }
  /** The members of any of these segments. */
  | { readonly kind: 'any'; readonly names: readonly string[] };

export interface Segment {
  readonly name: string;
  readonly members: Membership;
  /** Nobody has to belong to it. */
  readonly mayBeEmpty: boolean;
  /** Where it stands in the file. */
  readonly path: FieldPath;
}

/** `only`: nobody but them reaches it; `never`: they do not; `may`: they must be able to. */
export const VERBS = ['only', 'never', 'may'] as const;
export type Verb = (typeof VERBS)[number];

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Connections that an assertion does not speak about; what it leaves out means any. */
export interface Exception {
  readonly from: readonly string[] | undefined;
  readonly reaches: readonly string[] | undefined;
  readonly ports: PortSet | undefined;
  readonly why: string;
}

export interface Assertion {
  readonly id: string;
  readonly verb: Verb;
  /** Segments of the ends that open the connection. */
  readonly from: readonly string[];
  /** Segments of the ends that answer. */
  readonly reaches: readonly string[];
  /** Undefined: whatever port and protocol. */
  readonly ports: PortSet | undefined;
  /** Connections of the longest path that counts; 1: only a connection between the two counts. */
  readonly hops: number | 'any';
  readonly except: readonly Exception[];
  readonly why: string;
  readonly severity: Severity;
  readonly path: FieldPath;
}

/** A file of segments, every name in it known. */
export interface SegmentsFile {
  readonly segments: readonly Segment[];
  /** In the order of the file. */
  readonly assertions: readonly Assertion[];
}
