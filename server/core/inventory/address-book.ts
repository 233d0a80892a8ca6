import type { EpochMs } from '#core/flow/time.ts';

/** A pod's claim on its addresses. */
export interface AddressClaim {
  /** Names the pod among those of the same name: what the API server calls its uid. */
  readonly uid: string;
  /** What is answered for the addresses. */
  readonly pod: string;
  readonly ips: readonly string[];
  readonly from: EpochMs;
  /** False when the pod came by its addresses somewhat later than `from`. */
  readonly isExact: boolean;
  /** Undefined while it still has them. */
  readonly until: EpochMs | undefined;
  /** When this was learnt: an address that is no longer listed was given up by then. */
  readonly at: EpochMs;
}

interface Tenure {
  readonly uid: string;
  readonly pod: string;
  from: EpochMs;
  isExact: boolean;
  until: EpochMs | undefined;
}

/** What the book may hold, some 150 bytes a tenure. */
export interface AddressBookLimits {
  readonly tenures: number;
  /** Past and present owners of one address. */
  readonly perAddress: number;
}

export const ADDRESS_BOOK_LIMITS: AddressBookLimits = { tenures: 1_000_000, perAddress: 64 };

/** What is left of a full book when room is made. */
const KEPT_SHARE = 0.99;

const startsBefore = (a: Tenure, b: Tenure): number => a.from - b.from;

/**
 * Which pod had which address from when to when, as the API server tells. An address has one owner at a time, so that the
 * next owner's start ends a tenure whose end nobody told. The order in which claims of different pods come makes no
 * difference. Memory grows with tenures, and is bounded: the earliest of an address goes first, and is counted.
 */
export class AddressBook {
  readonly #byIp = new Map<string, Tenure[]>();
  readonly #ipsByUid = new Map<string, string[]>();
  readonly #limits: AddressBookLimits;
  #size = 0;
  #shed = 0;

  constructor(limits: AddressBookLimits = ADDRESS_BOOK_LIMITS) {
    this.#limits = limits;
  }

  /** Tenures that were not kept, or no longer are. */
  get shed(): number {
    return this.#shed;
  }

  /** Takes a claim in, and says for which addresses the answer may be another one now. */
  claim(claim: AddressClaim): readonly string[] {
    const held = this.#ipsByUid.get(claim.uid) ?? [];
    const touched = held.filter(
      (ip) => !claim.ips.includes(ip) && this.#end(ip, claim.uid, claim.until ?? claim.at),
    );
    for (const ip of claim.ips) if (this.#hold(ip, claim)) touched.push(ip);
    return touched;
  }

  /** Ends every tenure of a pod that is gone. */
  end(uid: string, until: EpochMs): readonly string[] {
    return (this.#ipsByUid.get(uid) ?? []).filter((ip) => this.#end(ip, uid, until));
  }

  /** The pod that had the address at the time; undefined when nobody had it, or two started in the same moment. */
  ownerAt(ip: string, at: EpochMs): string | undefined {
    let latest: Tenure[] = [];
    for (const tenure of this.#byIp.get(ip) ?? []) {
      if (tenure.from > at) break;
      if (latest[0]?.from !== tenure.from) latest = [];
      latest.push(tenure);
    }
    const owners = latest.filter((tenure) => !hasEnded(tenure, at));
    return owners.length === 1 ? owners[0]?.pod : undefined;
  }

  /** True when the pod is known to have had the address at some time. */
  hasHeld(ip: string, pod: string): boolean {
    return (this.#byIp.get(ip) ?? []).some((tenure) => tenure.pod === pod);
  }

  /** Addresses a pod had, in order. */
  addressesOf(uid: string): readonly string[] {
    return this.#ipsByUid.get(uid) ?? [];
  }

  #hold(ip: string, claim: AddressClaim): boolean {
    const tenures = this.#byIp.get(ip) ?? [];
    const known = tenures.find(({ uid }) => uid === claim.uid);
    if (known !== undefined) return this.#correct(tenures, known, claim);
    const { uid, pod, from, isExact, until } = claim;
    tenures.push({ uid, pod, from, isExact, until });
    tenures.sort(startsBefore);
    this.#byIp.set(ip, tenures);
    this.#ipsByUid.set(uid, [...(this.#ipsByUid.get(uid) ?? []), ip]);
    this.#size += 1;
    this.#makeRoom(ip, tenures);
    return true;
  }

  /** What is known exactly stays; what was not exact may become so. */
  #correct(tenures: Tenure[], known: Tenure, { from, isExact, until }: AddressClaim): boolean {
    const isBetter = isExact && !known.isExact;
    const isEnd = until !== undefined && (known.until === undefined || until < known.until);
    if (isBetter) {
      known.from = from;
      known.isExact = true;
      tenures.sort(startsBefore);
    }
    if (isEnd) known.until = until;
    return isBetter || isEnd;
  }

  #end(ip: string, uid: string, until: EpochMs): boolean {
    const tenure = this.#byIp.get(ip)?.find((each) => each.uid === uid);
    if (tenure === undefined || (tenure.until !== undefined && tenure.until <= until)) return false;
    tenure.until = until;
    return true;
  }

  #makeRoom(ip: string, tenures: Tenure[]): void {
    if (tenures.length > this.#limits.perAddress) this.#forget(ip, tenures);
    if (this.#size <= this.#limits.tenures) return;
    const wanted = this.#limits.tenures * KEPT_SHARE; // a hundredth at a time: looking for what may go costs a walk
    for (const [each, others] of this.#byIp) {
      if (this.#size <= wanted) return;
      if (others.length > 1 || others[0]?.until !== undefined) this.#forget(each, others);
    }
  }

  #forget(ip: string, tenures: Tenure[]): void {
    const oldest = tenures.shift();
    if (oldest === undefined) return;
    this.#size -= 1;
    this.#shed += 1;
    if (tenures.length === 0) this.#byIp.delete(ip);
    const left = (this.#ipsByUid.get(oldest.uid) ?? []).filter((each) => each !== ip);
    if (left.length === 0) this.#ipsByUid.delete(oldest.uid);
    else this.#ipsByUid.set(oldest.uid, left);
  }
}

const hasEnded = ({ until }: Tenure, at: EpochMs): boolean => until !== undefined && until <= at;
