import { buildModel } from '#core/policy/cluster/build-model.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { decodeDocument } from '#core/policy/cluster/decode-object.ts';
import type { PlacedObject } from '#core/policy/cluster/decoded-object.ts';
import { fieldText } from '#core/policy/cluster/manifest-problem.ts';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { settleDoubles } from '#core/policy/cluster/settle-doubles.ts';
import { connectivityOf } from '#core/policy/connections/connectivity.ts';
import { describeRow } from '#core/policy/connections/describe-row.ts';
import { literalJudge } from '#core/policy/connections/literal-judge.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { CniProfile } from '#core/policy/world.ts';

type Plain = Readonly<Record<string, unknown>>;

const SOURCE = { file: 'all.yaml', document: 1, line: 1, item: '' };

/** `field fault` of everything wrong with these documents, and the objects that are left. */
export function decoded(...documents: readonly unknown[]) {
  const places = documents.flatMap(decodeDocument);
  const issues = places.flatMap((place) => place.issues);
  return {
    objects: places.map(({ object }) => object).filter((object) => object !== undefined),
    issues: issues.map(({ path, fault }) => `${fieldText(path)} ${fault}`),
  };
}

/** The model of some documents. */
export function modelOf(...documents: readonly unknown[]): ClusterModel {
  const placed: PlacedObject[] = decoded(...documents).objects.map((object) => ({ object, source: SOURCE }));
  return buildModel(settleDoubles(placed).objects);
}

/** The connectivity list of some documents, one line a fact. */
export function linesOf(
  documents: readonly unknown[],
  profile: CniProfile = KUBERNETES_PROFILE,
): readonly string[] {
  const model = modelOf(...documents);
  return connectivityOf({ model, profile, allowed: literalJudge(worldOf(model), profile) }).map(describeRow);
}

/** A container with these ports, each `name:number` or a number. */
export const container = (...ports: readonly (string | number)[]): Plain => ({
  name: 'app',
  ports: ports.map((port) => {
    if (typeof port === 'number') return { containerPort: port };
    const [name, number] = port.split(':');
    return { name, containerPort: Number(number) };
  }),
});

/** A controller in namespace `shop`, its pods labelled `app: <name>`. */
export const controller = (kind: string, name: string, spec: Plain = {}): Plain => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: { name, namespace: 'shop' },
  spec: {
    ...spec,
    template: { metadata: { labels: { app: name } }, spec: { containers: [container()] } },
  },
});

/** A pod in namespace `shop`; `more` goes beside its name in the metadata. */
export const pod = (name: string, more: Plain = {}, spec: Plain = {}): Plain => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', ...more },
  spec: { containers: [container()], ...spec },
});

/** The reference a controlled object carries. */
export const ownedBy = (kind: string, name: string): Plain => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: 'u', controller: true }],
});

/** A policy in namespace `shop`. */
export const policy = (name: string, spec: Plain): Plain => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec,
});

/** A selector of the pods labelled `app: <name>`. */
export const app = (name: string): Plain => ({ matchLabels: { app: name } });
