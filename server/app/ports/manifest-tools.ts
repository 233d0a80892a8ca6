import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { FieldPath, ManifestFault, ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { RuleReason } from '#core/policy/proposal.ts';

/** One manifest as text, and the name that answers give it. */
export interface ManifestFile {
  readonly file: string;
  readonly text: string;
}

/** A text with the lines of its fields. */
export interface PlacedManifest {
  readonly documents: readonly {
    /** From 1. */
    readonly number: number;
    readonly value: unknown;
    /** Line of the text, from 1, of a field or the innermost thing around it. */
    lineOf(path: FieldPath): number;
  }[];
  readonly failures: readonly {
    readonly line: number;
    readonly fault: ManifestFault;
    readonly detail: string | undefined;
  }[];
}

/** What questions about policies need of YAML; nothing here touches a disk, and nothing throws. */
export interface ManifestTools {
  /** Reads texts into one cluster; whatever is malformed is a problem with its place, and the rest is read on. */
  read(files: readonly ManifestFile[]): {
    readonly model: ClusterModel;
    readonly problems: readonly ManifestProblem[];
  };
  placed(text: string, file: string): PlacedManifest;
  printPolicy(policy: NetworkPolicy, reasons: readonly RuleReason[]): string;
  /** The unified diff of two named texts; empty for equal ones. */
  textDiff(before: NamedText, after: NamedText): string;
}

/** A text and what it is called in the header of a diff. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}
