import { ALL_PORTS, type PortSet, withoutPorts } from '../connections/port-set.ts';
import type { Assertion, Exception } from './segments-file.ts';
import type { Ground, SpotId } from './spots.ts';

/** An exception with the ends it is about; undefined: any. */
interface Exempt {
  readonly from: ReadonlySet<SpotId> | undefined;
  readonly to: ReadonlySet<SpotId> | undefined;
  readonly ports: PortSet | undefined;
}

const unionOf = (names: readonly string[], { segments }: Ground): ReadonlySet<SpotId> =>
  new Set(names.flatMap((name) => [...(segments.get(name) ?? [])]));

const isAbout = (ids: ReadonlySet<SpotId> | undefined, id: SpotId): boolean =>
  ids === undefined || ids.has(id);

/** What one assertion says, spot by spot. */
export class Claim {
  readonly assertion: Assertion;
  /** Those it is about as openers of connections: for `only`, everyone but those who may, and the target itself. */
  readonly senders: ReadonlySet<SpotId>;
  readonly targets: ReadonlySet<SpotId>;
  /** Ports it is about where nothing is excepted. */
  readonly ports: PortSet;
  private readonly ground: Ground;
  private readonly exempt: readonly Exempt[];
  private readonly known = new Map<PortSet, Map<string, PortSet>>();

  constructor(assertion: Assertion, ground: Ground) {
    this.assertion = assertion;
    this.ground = ground;
    this.targets = unionOf(assertion.reaches, ground);
    this.ports = assertion.ports ?? ALL_PORTS;
    const named = unionOf(assertion.from, ground);
    const others = [...(ground.segments.get('everyone') ?? [])].filter(
      (id) => !named.has(id) && !this.targets.has(id),
    );
    this.senders = assertion.verb === 'only' ? new Set(others) : named;
    this.exempt = assertion.except.map((each: Exception) => ({
      from: each.from && unionOf(each.from, ground),
      to: each.reaches && unionOf(each.reaches, ground),
      ports: each.ports,
    }));
  }

  /** True for two ends between which policies have a say: one is pods, and there are two of them. */
  isPair(from: SpotId, to: SpotId): boolean {
    const [source, target] = [this.ground.spots[from], this.ground.spots[to]];
    if (source === undefined || target === undefined) return false;
    if (from === to) return source.kind === 'pods' && source.pods.length > 1;
    return source.kind === 'pods' || target.kind === 'pods';
  }

  /** The ports it is about between two ends: less what is excepted. The same set is the same object. */
  portsBetween(from: SpotId, to: SpotId): PortSet {
    return this.less(this.ports, from, to);
  }

  /** Every port but what is excepted: what counts on the way to somebody else. */
  portsOnTheWay(from: SpotId, to: SpotId): PortSet {
    return this.less(ALL_PORTS, from, to);
  }

  /** True when it is about protocols without ports too, which no exception takes out. */
  isAboutAnyProtocol(from: SpotId, to: SpotId): boolean {
    if (this.assertion.ports !== undefined) return false;
    return !this.exempt.some(
      (each) => each.ports === undefined && isAbout(each.from, from) && isAbout(each.to, to),
    );
  }

  private less(ports: PortSet, from: SpotId, to: SpotId): PortSet {
    if (this.exempt.length === 0) return ports;
    const places = this.exempt.flatMap((each, place) =>
      isAbout(each.from, from) && isAbout(each.to, to) ? [place] : [],
    );
    const sets = this.known.get(ports) ?? new Map<string, PortSet>();
    this.known.set(ports, sets);
    const key = places.join();
    const left = sets.get(key) ?? this.without(ports, places);
    sets.set(key, left);
    return left;
  }

  private without(ports: PortSet, places: readonly number[]): PortSet {
    let left = ports;
    for (const place of places) left = withoutPorts(left, this.exempt[place]?.ports ?? ALL_PORTS);
    return left;
  }
}
