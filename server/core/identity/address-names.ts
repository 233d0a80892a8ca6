import type { DnsName } from './names.ts';
import type { PeerKey } from './peer.ts';

/** An address that a client reached without a name, and the name that became known for it later. */
export interface AddressNaming {
  readonly client: PeerKey;
  /** The address as a prefix of one, e.g. `192.0.2.1/32`. */
  readonly cidr: string;
  readonly name: DnsName;
}

/** Addresses kept per client: a client that makes up names pushes out its own only. */
const PER_CLIENT = 1024;
/** Clients kept, those that were heard of first go first. */
const CLIENTS = 10_000;

const firstKey = <Key>(entries: ReadonlyMap<Key, unknown>): Key | undefined => entries.keys().next().value;

/** Values by client and address, of which the oldest go when there are too many. */
class ClientAddresses<Value> {
  readonly #byClient = new Map<PeerKey, Map<string, Value>>();

  get(client: PeerKey, cidr: string): Value | undefined {
    return this.#byClient.get(client)?.get(cidr);
  }

  set(client: PeerKey, cidr: string, value: Value): void {
    const addresses = this.#byClient.get(client) ?? new Map<string, Value>();
    this.#byClient.set(client, addresses.set(cidr, value));
    const [oldest, oldestClient] = [firstKey(addresses), firstKey(this.#byClient)];
    if (oldest !== undefined && addresses.size > PER_CLIENT) addresses.delete(oldest);
    if (oldestClient !== undefined && this.#byClient.size > CLIENTS) this.#byClient.delete(oldestClient);
  }

  delete(client: PeerKey, cidr: string): boolean {
    return this.#byClient.get(client)?.delete(cidr) === true;
  }

  /** Takes out everything about a client. */
  take(client: PeerKey): ReadonlyMap<string, Value> {
    const taken = this.#byClient.get(client) ?? new Map<string, Value>();
    this.#byClient.delete(client);
    return taken;
  }
}

/**
 * Names clients know addresses by. The data path tells the name with some packets only; a connection without one goes to
 * the name under which the same client reached the same address. Of several names the one that sorts first is taken, so
 * that it depends on what is known and not on the order in which it was learnt.
 */
export class AddressNames {
  readonly #names = new ClientAddresses<DnsName>();
  readonly #unnamed = new ClientAddresses<true>();
  #namings: AddressNaming[] = [];

  learn(client: PeerKey, cidr: string, name: DnsName): void {
    const known = this.#names.get(client, cidr);
    if (known !== undefined && known <= name) return;
    this.#names.set(client, cidr, name);
  }

  /** The name to use for an address; without one it is remembered that edges carry the bare address. */
  nameOf(client: PeerKey, cidr: string): DnsName | undefined {
    const name = this.#names.get(client, cidr);
    if (name === undefined) this.#unnamed.set(client, cidr, true);
    return name;
  }

  /** Asked once the names of a batch are learnt: an address that earlier batches left unnamed has its name now. */
  settle(client: PeerKey, cidr: string): void {
    const name = this.#names.get(client, cidr);
    if (name === undefined || !this.#unnamed.delete(client, cidr)) return;
    this.#namings.push({ client, cidr, name });
  }

  /** Names that became known for addresses left unnamed before, since the last call. */
  takeNamings(): readonly AddressNaming[] {
    const taken = this.#namings;
    this.#namings = [];
    return taken;
  }

  /** Moves what is known of one client to another. */
  rename(from: PeerKey, to: PeerKey): void {
    for (const [cidr, name] of this.#names.take(from)) this.learn(to, cidr, name);
    for (const cidr of this.#unnamed.take(from).keys()) this.#unnamed.set(to, cidr, true);
  }
}
