import type { Coverage } from '#core/flow/coverage.ts';
import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { describeManifestProblem, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { mergedModels, modelOfSeen } from '#core/policy/cluster/model-of-flows.ts';
import { type Population, populationOfModel, populationOfSeen } from '#core/policy/explain/population.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { RuleReason } from '#core/policy/proposal.ts';
import type { CniProfile, NetworkName } from '#core/policy/world.ts';
import { failed, ok, type Result } from '#core/result.ts';
import type { ManifestFile, ManifestTools } from '../ports/manifest-tools.ts';
import type { AskedModel } from './asked-cluster.ts';
import { isCertificate, type PolicyFolder } from './placed-policies.ts';
import type { PolicySource, QuestionFailure } from './question.ts';

/** Manifests the server was started with, and what of them could not be read as files. */
export interface ServedManifests {
  readonly files: readonly ManifestFile[];
  readonly problems: readonly ManifestProblem[];
}

/** A policy of the proposal, and the file an export would put it into. */
export interface ProposedFile {
  readonly file: string;
  readonly policy: NetworkPolicy;
  readonly reasons: readonly RuleReason[];
}

/** What is known while a question is answered: plain data, read once. */
export interface SeenGround {
  readonly world: SeenWorld;
  readonly edges: readonly Edge[];
  readonly coverage: Pick<Coverage, 'setAside' | 'lostEvents'>;
  /** The cluster that policies are for. */
  readonly cluster: string;
  readonly proposal: { readonly id: string; readonly files: readonly ProposedFile[] } | undefined;
}

/** Policies that a question names, with whatever else their manifests declare. */
export interface Selected extends PolicyFolder {
  readonly model: ClusterModel;
  /** The texts they were read from. */
  readonly files: readonly ManifestFile[];
}

const EMPTY: ClusterModel = {
  namespaces: [],
  workloads: [],
  pods: [],
  services: [],
  ingresses: [],
  policies: [],
  otherKinds: [],
};

const NOTHING: Selected = { model: EMPTY, policies: [], problems: [], files: [] };

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;

/** The first list, and what the second has besides. */
function joined<T extends { readonly namespace: string; readonly name: string }>(
  first: readonly T[],
  second: readonly T[],
): readonly T[] {
  const known = new Set(first.map(keyOf));
  return [...first, ...second.filter((each) => !known.has(keyOf(each)))];
}

const NAME_OF_TEXT = 'manifests.yaml';

/** Everybody and everything that questions are asked of; manifests the server was started with are read once. */
export class Ground {
  readonly tools: ManifestTools;
  private readonly served: ServedManifests | undefined;
  private servedRead: Selected | undefined;
  private proposalRead: { readonly id: string; readonly selected: Selected } | undefined;

  constructor(served: ServedManifests | undefined, tools: ManifestTools) {
    this.served = served;
    this.tools = tools;
  }

  /** The policies that a question names; `at` is the field that names them. */
  select(source: PolicySource, seen: SeenGround, at: string): Result<Selected, QuestionFailure> {
    switch (source.from) {
      case 'none':
        return ok(NOTHING);
      case 'current': {
        const current = this.current();
        return current === undefined ? failed({ code: 'no_current_policies' }) : ok(current);
      }
      case 'proposal':
        return this.proposed(seen, source.id);
      default:
        return this.sent(source.text, at);
    }
  }

  /** A cluster with the selected policies: their own manifests speak first, then the server's, then flows. */
  asked(
    selected: Selected,
    seen: SeenGround,
    profile: NetworkName | undefined,
  ): Result<AskedModel, QuestionFailure> {
    const model = this.modelOf(selected, seen);
    if (model.workloads.length === 0) return failed({ code: 'nobody_known' });
    return ok(askedModel(model, selected, { seen, profile }));
  }

  /** The same where nobody need be known. */
  askedAnyhow(selected: Selected, seen: SeenGround, profile: NetworkName | undefined): AskedModel {
    return askedModel(this.modelOf(selected, seen), selected, { seen, profile });
  }

  /** Whom manifests alone declare, beside the selected policies. */
  declared(selected: Selected): ClusterModel {
    const base = this.current()?.model ?? EMPTY;
    if (selected.model === base) return base;
    const merged = mergedModels(selected.model, base);
    return {
      ...merged,
      services: joined(selected.model.services, base.services),
      ingresses: joined(selected.model.ingresses, base.ingresses),
    };
  }

  /** What the server was started with; undefined without any. */
  current(): Selected | undefined {
    if (this.served === undefined) return undefined;
    this.servedRead ??= this.readFiles(this.served.files, this.served.problems);
    return this.servedRead;
  }

  /** Everybody who may be an end: pods that manifests declare, and whom flows showed besides. */
  population(selected: Selected, seen: SeenGround, profile: CniProfile): Population {
    const shown = populationOfSeen(seen.world, seen.cluster, profile);
    const declared = this.declared(selected);
    if (declared.workloads.length === 0) return shown;
    const first = populationOfModel(declared);
    const names = new Set(declared.workloads.map(keyOf));
    const spaces = new Set<string>(first.namespaces.map(({ name }) => name));
    return {
      namespaces: [...first.namespaces, ...shown.namespaces.filter(({ name }) => !spaces.has(name))],
      residents: [
        ...first.residents,
        ...shown.residents.filter((each) => each.isForeign || !names.has(keyOf(each))),
      ],
    };
  }

  private modelOf(selected: Selected, seen: SeenGround): ClusterModel {
    const { policies, otherKinds } = selected.model;
    const everybody = mergedModels(this.declared(selected), modelOfSeen(seen.world, seen.cluster));
    return { ...everybody, policies, otherKinds };
  }

  private readFiles(files: readonly ManifestFile[], earlier: readonly ManifestProblem[]): Selected {
    const { model, problems } = this.tools.read(files);
    const told = [...earlier, ...problems].filter((problem) => !isCertificate(problem));
    return { model, policies: model.policies, problems: told, files };
  }

  private proposed({ proposal }: SeenGround, id: string | undefined): Result<Selected, QuestionFailure> {
    if (proposal === undefined) return failed({ code: 'no_proposal' });
    if (id !== undefined && id !== proposal.id) return failed({ code: 'proposal_replaced' });
    if (this.proposalRead?.id !== proposal.id) {
      const files = proposal.files.map(({ file, policy, reasons }) => ({
        file,
        text: this.tools.printPolicy(policy, reasons),
      }));
      this.proposalRead = { id: proposal.id, selected: this.readFiles(files, []) };
    }
    return ok(this.proposalRead.selected);
  }

  private sent(text: string, at: string): Result<Selected, QuestionFailure> {
    const selected = this.readFiles([{ file: NAME_OF_TEXT, text }], []);
    const { policies, problems } = selected;
    if (policies.length > 0 || !problems.some(({ leftOut }) => leftOut !== 'nothing')) return ok(selected);
    return failed({ code: 'manifests_unreadable', at, lines: problems.map(describeManifestProblem) });
  }
}

function askedModel(
  model: ClusterModel,
  { problems }: Selected,
  { seen, profile }: { readonly seen: SeenGround; readonly profile: NetworkName | undefined },
): AskedModel {
  const hasFlows = isSeen(seen);
  const edges = new Map<EdgeKey, Edge>(seen.edges.map((edge) => [edge.key, edge]));
  return {
    model,
    problems,
    reading: hasFlows ? { whole: { edges }, coverage: seen.coverage } : undefined,
    cluster: seen.cluster,
    profile: profileOf(seen, profile),
  };
}

/** True when flows showed anybody or anything. */
export const isSeen = ({ world, edges }: SeenGround): boolean => world.pods.length > 0 || edges.length > 0;

/** The network asked for; else cilium where there are flows, and kubernetes where there are none. */
export const profileOf = (seen: SeenGround, name: NetworkName | undefined): CniProfile =>
  profileNamed(name ?? (isSeen(seen) ? 'cilium' : 'kubernetes'));
