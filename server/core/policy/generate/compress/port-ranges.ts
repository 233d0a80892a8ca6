import type { NetworkPolicyPort } from '../../network-policy.ts';
import type { CniProfile } from '../../world.ts';
import type { PortChoice } from '../contribution.ts';

/** A run shorter than this reads better as single ports. */
const SHORTEST_RANGE = 3;
/** A longer one is cut: `verify` takes a range of more than a hundred ports for one that nobody checked. */
const LONGEST_RANGE = 100;

/** Networks known to honour `endPort` (stable in Kubernetes since 1.25, in Cilium since 1.16). */
const HONOUR_END_PORT: ReadonlySet<string> = new Set(['kubernetes', 'cilium']);

/** True when the network reads `endPort`; one that does not sees the first port alone, so what is unknown counts as no. */
export const honoursEndPort = ({ name }: Pick<CniProfile, 'name'>): boolean => HONOUR_END_PORT.has(name);

/** Ports `from` to `to` of one protocol, both inside. */
interface Run {
  readonly protocol: PortChoice['protocol'];
  readonly from: number;
  readonly to: number;
}

/** Joins neighbouring ports; the ports come in order of protocol and number. */
function runsOf(ports: readonly PortChoice[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { protocol, port } of ports) {
    const last = runs.at(-1);
    const isNext = last?.protocol === protocol && last.to + 1 === port && port - last.from < LONGEST_RANGE;
    if (last !== undefined && isNext) runs[runs.length - 1] = { ...last, to: port };
    else runs.push({ protocol, from: port, to: port });
  }
  return runs;
}

const singles = ({ protocol, from, to }: Run): readonly NetworkPolicyPort[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ protocol, port: from + index }));

/** Ports as a rule lists them: three or more in a row as one range. */
export const rangedPorts = (ports: readonly PortChoice[]): readonly NetworkPolicyPort[] =>
  runsOf(ports).flatMap((run): readonly NetworkPolicyPort[] =>
    run.to - run.from + 1 < SHORTEST_RANGE
      ? singles(run)
      : [{ protocol: run.protocol, port: run.from, endPort: run.to }],
  );

/** `8080, 9000-9010`: ports of one protocol, for a comment. */
export const portNumbers = (ports: readonly NetworkPolicyPort[]): string =>
  ports.map(({ port, endPort }) => (endPort === undefined ? `${port}` : `${port}-${endPort}`)).join(', ');
