import type { ObjectSource } from '../cluster/cluster-model.ts';
import type { Place, Severity } from './finding.ts';
import type { LintWorld } from './lint-world.ts';
import type { ReadPolicy } from './read-policy.ts';

/** What a rule is about when it is no policy. */
export interface OtherSubject {
  readonly name: string;
  readonly source: ObjectSource | Place | undefined;
}

/** A finding as a rule makes it. */
export interface Draft {
  readonly about: ReadPolicy | OtherSubject;
  readonly field: string;
  /** Only where it is milder than the rule's own. */
  readonly severity?: Severity;
  readonly what: string;
  readonly fix: string;
}

/** One thing that is looked for. Its page is `docs/lint/<id>.md`. */
export interface LintRule {
  readonly id: string;
  /** The worst it says. */
  readonly severity: Severity;
  /** `workloads`: says nothing unless somebody is known whom policies could be about. */
  readonly needs: 'policies' | 'workloads';
  /** What it finds, as a heading. */
  readonly title: string;
  /** Why that breaks things, in one sentence. */
  readonly why: string;
  check(world: LintWorld): readonly Draft[];
}
