import type { Flow } from '#core/flow/flow.ts';
import { compareText } from '#core/order.ts';
import { KeyHash, RecentKeys } from './recent-keys.ts';

const CAPACITY = 1 << 17;

/**
 * Under pressure, leaves out what only repeats: a further sight of a connection whose like was let through since the
 * pressure began. The first sight of each connection, each way, passes, and so does whatever policy or the network
 * stopped: evidence goes before edges do.
 */
export class EvidenceShedder {
  readonly #hash = new KeyHash();
  #seen: RecentKeys | undefined = undefined;

  /** True when the flow may be left out. */
  sheds(flow: Flow, isUnderPressure: boolean): boolean {
    if (!isUnderPressure) {
      this.#seen = undefined;
      return false;
    }
    if (!isRepeatable(flow)) return false;
    this.#seen ??= new RecentKeys(CAPACITY);
    return this.#seen.meet(this.#keyOf(flow));
  }

  /** Which connection, how it was let through, and by which end it was seen in which part. */
  #keyOf(flow: Flow): number {
    const { source, destination } = flow;
    const ends = [`${source.ip} ${source.port}`, `${destination.ip} ${destination.port}`].sort(compareText);
    const flags = flow.tcpFlags;
    return this.#hash
      .text(ends[0] ?? '')
      .text(ends[1] ?? '')
      .text(flow.protocol)
      .text(flow.verdict)
      .text(flow.direction)
      .text(flow.reply)
      .text(flow.kind)
      .number(
        flags === undefined ? 0 : 1 + 2 * Number(flags.syn) + 4 * Number(flags.ack) + 8 * Number(flags.rst),
      )
      .take();
  }
}

/** Traces and application records of what passed; a verdict of policy is told once and is worth its place. */
const isRepeatable = ({ kind, verdict, isAggregate, isNew, l7 }: Flow): boolean =>
  (kind === 'trace' || kind === 'l7' || kind === 'socket') &&
  (verdict === 'forwarded' || verdict === 'redirected' || verdict === 'traced' || verdict === 'translated') &&
  !isAggregate &&
  !isNew &&
  l7?.dns === undefined;
