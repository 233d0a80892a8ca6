import { sortedText } from '#core/order.ts';
import { MultiIndex } from './multi-index.ts';
import type { WorkloadId } from './peer.ts';

/** A workload whose kind, name or cluster a later report corrected. */
export interface WorkloadRename {
  readonly from: WorkloadId;
  readonly to: WorkloadId;
}

/** Which workload was answered for which pod, to tell what a later report corrects. Pods go by any key of their own. */
export class AnsweredWorkloads {
  readonly #byPod = new MultiIndex<WorkloadId>();
  readonly #pods = new MultiIndex();
  readonly #corrected = new Set<string>();

  note(pod: string, workload: WorkloadId): void {
    if (this.#byPod.has(pod, workload)) return;
    this.#byPod.add(pod, workload);
    this.#pods.add(workload, pod);
  }

  /** Marks a pod whose workload may be another one now. */
  correct(pod: string): void {
    this.#corrected.add(pod);
  }

  /**
   * Workloads that are known better since the last call. An edge does not tell which of a workload's pods it came from, so
   * that only a workload all of whose pods moved to the same other one is renamed.
   */
  takeRenames(workloadOf: (pod: string) => WorkloadId | undefined): readonly WorkloadRename[] {
    const asked = new Set([...this.#corrected].flatMap((pod) => this.#byPod.get(pod)));
    this.#corrected.clear();
    const renames: WorkloadRename[] = [];
    for (const from of sortedText(asked)) {
      const targets = new Set(this.#pods.get(from).map(workloadOf));
      const [to] = targets;
      if (to === undefined || targets.size > 1 || to === from) continue;
      renames.push({ from, to });
      this.#move(from, to);
    }
    return renames;
  }

  #move(from: WorkloadId, to: WorkloadId): void {
    for (const pod of this.#pods.get(from)) {
      this.#byPod.delete(pod, from);
      this.note(pod, to);
      this.#pods.delete(from, pod);
    }
  }
}
