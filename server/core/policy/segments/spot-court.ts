import type { PortInterval } from '../certificate.ts';
import { type PortSet, portSetOf, sharedPorts } from '../connections/port-set.ts';
import type { FastEngine } from '../fast/fast-engine.ts';
import { endpointOf, type Ground, type Spot, type SpotId } from './spots.ts';

/** A matrix of all ports is kept only up to this size; beyond it cells are asked one by one. */
const MOST_MATRIX_BYTES = 128 * 1024 * 1024;

type Admits = (place: number, from: number, to: number) => boolean;

/** Answers from a matrix of all classes and intervals, whose size grows with the square of the classes. */
function admitsBy(engine: FastEngine, intervals: readonly PortInterval[]): Admits {
  const classes = engine.classes().length;
  const points = intervals.map(({ protocol, from }) => ({ protocol, port: from }));
  if ((classes * classes * points.length) / 8 <= MOST_MATRIX_BYTES) {
    const matrix = engine.matrix(points);
    return (place, from, to) => matrix.isAdmitted(place, from, to);
  }
  return (place, from, to) => {
    const point = points[place];
    return point !== undefined && engine.admits(from, to, point);
  };
}

const meets = (interval: PortInterval, set: PortSet): boolean =>
  set.some(
    ({ protocol, from, to }) => protocol === interval.protocol && from <= interval.to && interval.from <= to,
  );

/** What policies say between spots, by the fast engine. The reach of a node that is named as such is always allowed. */
export class SpotCourt {
  readonly intervals: readonly PortInterval[];
  private readonly engine: FastEngine;
  private readonly spots: readonly Spot[];
  private readonly admits: Admits;
  private readonly places = new Map<PortSet, readonly number[]>();
  private readonly sets = new Map<PortSet, Map<string, PortSet>>();

  constructor(engine: FastEngine, { spots }: Ground) {
    this.engine = engine;
    this.spots = spots;
    this.intervals = engine.intervals();
    this.admits = admitsBy(engine, this.intervals);
  }

  /** The part of a set of ports that is allowed from one spot to another. Equal answers are the same object. */
  allowed(from: SpotId, to: SpotId, asked: PortSet): PortSet {
    const places = this.placesIn(asked).filter((place) => this.isAllowedAt(place, from, to));
    return this.setOf(places, asked);
  }

  /** Whether any of them is. */
  isAnyAllowed(from: SpotId, to: SpotId, asked: PortSet): boolean {
    return this.placesIn(asked).some((place) => this.isAllowedAt(place, from, to));
  }

  private isAllowedAt(place: number, from: SpotId, to: SpotId): boolean {
    const [source, target] = [this.spots[from], this.spots[to]];
    if (source === undefined || target === undefined) return false;
    if (source.kind === 'foreign' || target.kind === 'foreign') return false;
    if (source.kind === 'entity' || target.kind === 'entity')
      return this.isAllowedBySpot(place, source, target);
    return this.admits(place, source.classId, target.classId);
  }

  /** Nodes and pods may have a way to each other that no policy has a say in. */
  private isAllowedBySpot(place: number, source: Spot, target: Spot): boolean {
    const [from, to, interval] = [endpointOf(source), endpointOf(target), this.intervals[place]];
    if (from === undefined || to === undefined || interval === undefined) return false;
    return this.engine.allowed(from, to, { protocol: interval.protocol, port: interval.from });
  }

  private placesIn(asked: PortSet): readonly number[] {
    const known = this.places.get(asked);
    if (known !== undefined) return known;
    const places = this.intervals.flatMap((interval, place) => (meets(interval, asked) ? [place] : []));
    this.places.set(asked, places);
    return places;
  }

  private setOf(places: readonly number[], asked: PortSet): PortSet {
    const sets = this.sets.get(asked) ?? new Map<string, PortSet>();
    this.sets.set(asked, sets);
    const key = places.join();
    const known =
      sets.get(key) ?? sharedPorts(portSetOf(places.flatMap((place) => this.intervals[place] ?? [])), asked);
    sets.set(key, known);
    return known;
  }
}
