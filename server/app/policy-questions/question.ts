import type { NamespaceName } from '#core/identity/names.ts';
import type { Severity } from '#core/policy/lint/finding.ts';
import type { NetworkName, PolicyProtocol } from '#core/policy/world.ts';
import type { ListCount } from './cuts.ts';

/** Whose policies a question is about. */
export type PolicySource =
  /** Those the server was started with. */
  | { readonly from: 'current' }
  /** The current proposal; with an id, only if it still is that one. */
  | { readonly from: 'proposal'; readonly id?: string | undefined }
  | { readonly from: 'none' }
  /** Manifests as text, YAML or JSON: a what-if. Workloads in them are there too. */
  | { readonly from: 'manifests'; readonly text: string };

interface Asked {
  readonly policies: PolicySource;
  /** How the network reads what the specification leaves open; cilium where flows are known, else kubernetes. */
  readonly profile?: NetworkName | undefined;
  /** Most items of each long list of the answer. */
  readonly limit: number;
}

/** Only what touches one of these; empty means all. */
interface Narrowed {
  readonly namespaces: readonly NamespaceName[];
}

export interface ConnectionsQuestion extends Asked, Narrowed {
  readonly ask: 'connections';
  /** Compares with another network, or with all of them. */
  readonly compare?: NetworkName | 'all' | undefined;
}

export interface ExplainQuestion extends Asked {
  readonly ask: 'explain';
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: PolicyProtocol;
}

export interface ReplayQuestion extends Asked, Narrowed {
  readonly ask: 'replay';
}

export interface DiffQuestion extends Omit<Asked, 'policies'>, Narrowed {
  readonly ask: 'diff';
  readonly old: PolicySource;
  readonly new: PolicySource;
}

export interface AssertQuestion extends Asked {
  readonly ask: 'assert';
  /** A file of segments and assertions about them, YAML or JSON. */
  readonly segments: string;
}

export interface LintQuestion extends Asked {
  readonly ask: 'lint';
  /** Rules that speak with another voice than their own, or not at all. */
  readonly rules: Readonly<Record<string, Severity | 'off'>>;
  readonly minSeverity: Severity;
}

export interface PortsQuestion extends Asked, Narrowed {
  readonly ask: 'ports';
  /** Only ports that nobody was seen to use. */
  readonly unused: boolean;
  /** Only what can be reached that far. */
  readonly exposed?: 'internet' | 'cluster' | undefined;
}

export interface BlastQuestion extends Asked {
  readonly ask: 'blast';
  /** As `shop/cart` or `shop/cart[Deployment]`; without it, all are ranked. */
  readonly workload?: string | undefined;
  /** Policies to compare with, taken alone. */
  readonly proposal?: PolicySource | undefined;
  readonly crownJewels: readonly string[];
  readonly hops: number;
}

/** A pod somebody thinks of making. */
export interface NewPod {
  readonly namespace: NamespaceName;
  readonly labels: Readonly<Record<string, string>>;
  /** Of its namespace, where that is new. */
  readonly namespaceLabels?: Readonly<Record<string, string>> | undefined;
  /** Where it would listen; empty: anywhere. */
  readonly ports: readonly {
    readonly name?: string | undefined;
    readonly port: number;
    readonly protocol: PolicyProtocol;
  }[];
  readonly hostNetwork: boolean;
}

export interface ExposureQuestion extends Asked {
  readonly ask: 'exposure';
  /** Without one, everything that is open to pods still to come. */
  readonly pod?: NewPod | undefined;
}

/** Everything that can be asked about policies. None of it changes anything. */
export type Question =
  | ConnectionsQuestion
  | ExplainQuestion
  | ReplayQuestion
  | DiffQuestion
  | AssertQuestion
  | LintQuestion
  | PortsQuestion
  | BlastQuestion
  | ExposureQuestion;

/** An answer as plain data: what the command prints with `--json`, its long lists cut to the limit. */
export interface Answered {
  readonly lists: readonly ListCount[];
  readonly answer: Readonly<Record<string, unknown>>;
}

/** Why there is no answer. Lines are for people and may quote what was sent or seen. */
export type QuestionFailure =
  | { readonly code: 'no_current_policies' }
  | { readonly code: 'no_proposal' }
  | { readonly code: 'proposal_replaced' }
  | { readonly code: 'nobody_known' }
  /** Text that was sent holds nothing that could be read. */
  | { readonly code: 'manifests_unreadable'; readonly at: string; readonly lines: readonly string[] }
  | { readonly code: 'segments_unusable'; readonly at: string; readonly lines: readonly string[] }
  /** Nobody, or several, go by a name; lines are names that are meant perhaps. */
  | { readonly code: 'end_unknown'; readonly at: string; readonly lines: readonly string[] }
  | { readonly code: 'rule_unknown'; readonly at: string }
  | { readonly code: 'namespace_known'; readonly at: string };
