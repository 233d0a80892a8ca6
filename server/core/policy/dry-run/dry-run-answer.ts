/** What an API server says to one policy without storing it. */
export type DryRunAnswer =
  | {
      readonly outcome: 'accepted';
      /** What it would take, and warns about all the same. */
      readonly warnings: readonly string[];
    }
  | {
      readonly outcome: 'refused';
      /** HTTP status, e.g. 422. */
      readonly status: number;
      /** In its own words, cut to a sane length. */
      readonly message: string;
      readonly causes: readonly { readonly field: string; readonly message: string }[];
    }
  /** The question did not get as far as the policy: no rights, no such namespace, no answer. */
  | { readonly outcome: 'not-checked'; readonly why: string };

/** The answer to one policy; `policy` is `namespace/name`. */
export interface CheckedPolicy {
  readonly policy: string;
  readonly answer: DryRunAnswer;
}

/** What an API server said to a set of policies. */
export interface ServerCheck {
  /** Where it is, e.g. `https://192.0.2.1:6443`. */
  readonly server: string;
  /** What it calls itself, e.g. `v1.36.2`. */
  readonly version: string;
  /** False before Kubernetes 1.25: a misspelt field is dropped without a word. */
  readonly isStrict: boolean;
  /** Sorted by policy. */
  readonly policies: readonly CheckedPolicy[];
}
