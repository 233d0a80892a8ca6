import type { RelayAddress } from './address.ts';
import { BACK_OFF, type BackOff } from './session.ts';
import type { TlsSettings } from './tls-files.ts';

/** Time and chance, as a source is given them. */
export interface LiveClock {
  /** Milliseconds since 1970, by this machine. */
  wallMs(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs(): number;
  /** At least 0, below 1. */
  random(): number;
}

/** One server of Hubble's protocol, and how it is followed. */
export interface RelayTarget {
  readonly address: RelayAddress;
  readonly tls: TlsSettings;
}

/** What may be tuned. */
export interface RelayTuning {
  readonly backOff: BackOff;
  /** Flows that each node still holds and that a first stream begins with; a node holds 4 095 unless set. */
  readonly backlog: number;
  /** How far before the last arrivals a stream begins that follows a cut one. */
  readonly overlapMs: number;
  readonly connectTimeoutMs: number;
  /** Between two looks at the server's own counts, which also show that the connection lives. */
  readonly statusEveryMs: number;
  /** Between two looks at the certificates on disk. */
  readonly filesEveryMs: number;
  /** Nothing received for so long: the connection is tried with a ping … */
  readonly pingAfterMs: number;
  /** … that must be answered within this. */
  readonly pingTimeoutMs: number;
}

/** grpc-go ends connections that ping idly more than once in five minutes, hence only when nothing else is heard. */
export const RELAY_TUNING: RelayTuning = {
  backOff: BACK_OFF,
  backlog: 1000,
  overlapMs: 15_000,
  connectTimeoutMs: 10_000,
  statusEveryMs: 15_000,
  filesEveryMs: 10_000,
  pingAfterMs: 60_000,
  pingTimeoutMs: 20_000,
};
