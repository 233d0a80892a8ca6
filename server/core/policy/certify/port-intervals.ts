import type { PortInterval } from '../certificate.ts';
import type { PolicyProtocol } from '../world.ts';

export const POLICY_PROTOCOLS: readonly PolicyProtocol[] = ['SCTP', 'TCP', 'UDP'];

export const FIRST_PORT = 1;
export const LAST_PORT = 65_535;

/** Cuts all ports of a protocol into intervals within which no cut lies; a cut starts an interval. */
export function intervalsOf(protocol: PolicyProtocol, cuts: Iterable<number>): readonly PortInterval[] {
  const inside = [...new Set(cuts)].filter(
    (cut) => Number.isInteger(cut) && cut > FIRST_PORT && cut <= LAST_PORT,
  );
  const starts = [FIRST_PORT, ...inside.sort((a, b) => a - b)];
  return starts.map((from, index) => ({ protocol, from, to: (starts[index + 1] ?? LAST_PORT + 1) - 1 }));
}

/** The cuts that set one port apart. */
export const cutsAround = (port: number): readonly number[] => [port, port + 1];

/** Number of ports in the interval. */
export const sizeOf = ({ from, to }: PortInterval): number => to - from + 1;
