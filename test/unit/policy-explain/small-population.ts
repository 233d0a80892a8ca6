import { parseNamespaceName, parseObjectName } from '#core/identity/names.ts';
import { type AskedEnd, parseAskedEnd } from '#core/policy/explain/asked-end.ts';
import { type Explanation, explain } from '#core/policy/explain/explain.ts';
import type { Population, Resident } from '#core/policy/explain/population.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { CniProfile, PolicyProtocol, WorldPod } from '#core/policy/world.ts';
import { NAMESPACES, podOf } from '../policy-literal/small-world.ts';

/** A resident that belongs to the workload before the pod's last dash, or is a workload of its own. */
export function residentOf(pod: WorldPod, parts: Partial<Resident> = {}): Resident {
  const namespace = parseNamespaceName(pod.namespace);
  const name = parseObjectName(pod.name.replace(/-\d+$/, ''));
  if (namespace === undefined || name === undefined) throw new Error(`${pod.name} is no name`);
  const text = `${namespace}/${name}[Deployment]`;
  return { pod, owner: text, namespace, name, kind: 'Deployment', text, isForeign: false, ...parts };
}

const shopPod = (name: string, app: string, parts: Partial<WorldPod> = {}): WorldPod =>
  podOf(name, { labels: [['app', app]], ...parts });

export const WEB_POD = shopPod('web-1', 'web', { ips: ['10.0.0.1'] });

/** Two web pods, a cart, a db and a worker in `shop`; a scraper in `monitor`; a pod on its node's network. */
export const POPULATION: Population = {
  namespaces: NAMESPACES,
  residents: [
    WEB_POD,
    shopPod('web-2', 'web', { ips: ['10.0.0.2'] }),
    shopPod('cart-1', 'cart', {
      ips: ['10.0.0.3'],
      namedPorts: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    }),
    shopPod('db-0', 'db', { ips: ['10.0.0.4'], node: 'node-2' }),
    shopPod('worker-1', 'worker', { ips: ['10.0.0.5'] }),
    shopPod('scraper-1', 'scraper', { namespace: 'monitor', ips: ['10.0.1.1'] }),
    shopPod('agent-1', 'agent', {
      namespace: 'monitor',
      ips: ['192.168.0.2'],
      hostNetwork: true,
      node: 'node-2',
    }),
  ].map((pod) => residentOf(pod)),
};

/** The end that a text means; throws when nobody is meant. */
export function endOf(text: string, policies: readonly NetworkPolicy[], population = POPULATION): AskedEnd {
  const end = parseAskedEnd(text, population, policies);
  if (end.ok) return end.value;
  throw new Error(`${text}: ${end.error.code}`);
}

/** The small population and some more pods. */
export const populationWith = (...pods: readonly WorldPod[]): Population => ({
  ...POPULATION,
  residents: [...POPULATION.residents, ...pods.map((pod) => residentOf(pod))],
});

export interface Asked {
  readonly port?: number;
  readonly protocol?: PolicyProtocol;
  readonly profile?: CniProfile;
  readonly population?: Population;
}

/** Explains a connection to TCP 8080 in the small population, under Cilium unless told otherwise. */
export function ask(
  [from, to]: readonly [string, string],
  policies: readonly NetworkPolicy[],
  asked: Asked = {},
): Explanation {
  const { port = 8080, protocol = 'TCP', profile = CILIUM_PROFILE, population = POPULATION } = asked;
  const ends = { from: endOf(from, policies, population), to: endOf(to, policies, population) };
  return explain({ population, policies, profile, protocol, port, ...ends });
}
