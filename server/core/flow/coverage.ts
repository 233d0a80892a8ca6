import type { EpochMs } from './time.ts';

/** Why a conversation became no edge. Counted, shown, never a rule. */
export const SET_ASIDE_REASONS = [
  /** Neither end could be shown to be the client. */
  'undecided-direction',
  /** Handshake or marks point at an ephemeral port, and nothing stronger says otherwise. */
  'ephemeral-server-port',
  /** An endpoint without identity, labels, pod or public address. */
  'unresolved-endpoint',
  /** A name that is no valid Kubernetes or DNS name. */
  'invalid-name',
  /** A pod that reached itself through its own Service. */
  'hairpin',
  /** ICMP errors and other messages about a connection. */
  'icmp-error',
  /** A protocol without ports that no policy can express and no map needs (VRRP, IGMP, unknown). */
  'no-transport',
] as const;
export type SetAsideReason = (typeof SET_ASIDE_REASONS)[number];

export interface SetAside {
  readonly conversations: number;
  /** The first few, as one readable line each, already cut to a sane length but not escaped. */
  readonly examples: readonly string[];
}

/** How far the data can be trusted: everything that was lost, unknown or left out, counted. */
export interface Coverage {
  readonly flows: number;
  readonly conversations: number;
  /** TCP and UDP conversations, the base of the undecided share. */
  readonly transportConversations: number;
  readonly setAside: Readonly<Record<SetAsideReason, SetAside>>;
  /** Of the undecided conversations, those over TCP or UDP. */
  readonly undecidedTransport: number;
  /** Handshake flags and reply marks that disagreed; the flags won. */
  readonly directionConflicts: number;
  /** Socket and translation records, which make no edge. */
  readonly socketRecords: number;
  /** Flow records without a time. */
  readonly timeless: number;
  /** Events the sources say they lost, exactly. */
  readonly lostEvents: bigint;
  /** Conversations closed early because the table was full. */
  readonly closedEarly: number;
  readonly nodes: readonly string[];
  /** Nodes a source reported as unavailable, gone or failing. */
  readonly silentNodes: readonly string[];
  readonly span: { readonly from: EpochMs; readonly until: EpochMs } | undefined;
}
