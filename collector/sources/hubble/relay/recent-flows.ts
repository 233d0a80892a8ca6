import type { Flow } from '#core/flow/flow.ts';
import type { LostEvents } from '../events.ts';
import { KeyHash, RecentKeys } from './recent-keys.ts';

/** More than the rings of 100 nodes hold (4 095 flows each); 16 MiB when full. */
const CAPACITY = 1 << 19;

/** Far more reports than a ring of flows holds beside them; 2 MiB when full. */
const LOSS_CAPACITY = 1 << 16;

/** Flows met lately, so that one that comes again after a reconnect, or from a second server, counts once. */
export class RecentFlows {
  readonly #hash = new KeyHash();
  readonly #keys: RecentKeys;
  /** Kept apart and never aged: servers send all that their rings hold again, however far back a stream resumes. */
  readonly #losses = new RecentKeys(LOSS_CAPACITY);

  constructor(capacity: number = CAPACITY) {
    this.#keys = new RecentKeys(capacity);
  }

  /** True when this very observation was met before. */
  meet(flow: Flow): boolean {
    return this.#keys.meet(this.#keyOf(flow));
  }

  /**
   * True when this very report of lost events was met before: servers keep them in their rings with the flows, and send
   * them again whatever time is asked for. One without a time can not be told from another, and counts.
   */
  meetLoss({ node, reportedAt, source, count }: LostEvents): boolean {
    if (reportedAt === undefined) return false;
    const hash = this.#hash
      .text('lost')
      .number(reportedAt.ms)
      .number(reportedAt.nanos)
      .text(node ?? '')
      .text(source)
      .text(String(count));
    return this.#losses.meet(hash.take());
  }

  /** Forgets what is older than the last call: to be called once in a while, so that memory follows the rate. */
  age(): void {
    this.#keys.age();
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Hubble gives each observation an id of its own; without one, when, where, what and between whom stand for it. */
  #keyOf(flow: Flow): number {
    const hash = this.#hash;
    if (flow.uuid !== undefined) return hash.text(flow.uuid).take();
    const { source, destination, tcpFlags } = flow;
    return hash
      .number(flow.at)
      .number(flow.atNanos)
      .text(flow.node ?? '')
      .text(flow.kind)
      .text(flow.verdict)
      .text(flow.direction)
      .text(flow.protocol)
      .text(source.ip ?? '')
      .text(destination.ip ?? '')
      .number(source.port ?? 0)
      .number(destination.port ?? 0)
      .number(flagBits(tcpFlags))
      .text(flow.l7?.kind ?? '')
      .take();
  }
}

const flagBits = (flags: Flow['tcpFlags']): number =>
  flags === undefined
    ? 0
    : 1 + 2 * Number(flags.syn) + 4 * Number(flags.ack) + 8 * Number(flags.rst) + 16 * Number(flags.fin);
