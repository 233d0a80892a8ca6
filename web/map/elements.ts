import type { ElementDefinition } from 'cytoscape';
import type { BoxRect } from '../model/geometry.ts';
import { lineWidth } from '../model/meaning.ts';
import type { DrawnGroup, DrawnLine, DrawnVertex } from '../model/picture.ts';
import type { Route } from '../model/routes.ts';
import type { Scene } from '../model/scene.ts';
import { findingGlyph, kindGlyph, outsideGlyph, shieldGlyph } from './glyphs.ts';
import { fitted } from './measure.ts';
import type { Palette } from './palette.ts';

/** Words the map shows; the page owns them. */
export interface MapWords {
  groupName(group: DrawnGroup): string;
  groupFacts(group: DrawnGroup): string;
  vertexName(vertex: DrawnVertex): string;
  lineName(line: DrawnLine): string;
}

/** A drawn thing with the text that tells whether it changed. */
export interface Element {
  readonly id: string;
  readonly definition: ElementDefinition;
  readonly signature: string;
}

/** Everything to draw, boxes first. */
export function elementsOf(scene: Scene, words: MapWords, palette: Palette): readonly Element[] {
  const groups = new Map(scene.picture.groups.map((group) => [group.group.id, group]));
  const boxes = scene.geometry.boxes.flatMap((box) => {
    const group = groups.get(box.group);
    return group === undefined ? [] : boxElements(box, group, { words, palette });
  });
  const vertices = scene.picture.vertices.flatMap((vertex) => {
    const rect = scene.geometry.vertices.get(vertex.id);
    return rect === undefined ? [] : [vertexElement(vertex, rect, { words, palette })];
  });
  const lines = scene.picture.lines.flatMap((line) => {
    const route = scene.routes.get(line.id);
    return route === undefined && line.from !== line.to
      ? []
      : [lineElement(line, route, { words, isCrowded: scene.picture.lines.length > CROWDED_LINES })];
  });
  return [...boxes, ...vertices, ...lines].map((definition) => ({
    id: String(definition.data.id),
    definition,
    signature: JSON.stringify(definition),
  }));
}

interface With {
  readonly words: MapWords;
  readonly palette: Palette;
}

const classes = (...names: readonly (string | false)[]): string =>
  names.filter((name) => name !== false).join(' ');

function boxElements(box: BoxRect, group: DrawnGroup, paint: With): readonly ElementDefinition[] {
  const main = boxElement(box, group, paint);
  return box.isOpen ? [main, toggleElement(box)] : [main, factsElement(box, group, paint)];
}

/** Pixels from a closed box's left side to its text; a hexagon's corners need more. */
const insetOf = (box: BoxRect, group: DrawnGroup): number =>
  group.group.kind !== 'namespace' && !box.isOpen ? 26 : 16;

function boxElement(box: BoxRect, group: DrawnGroup, { words, palette }: With): ElementDefinition {
  const inset = insetOf(box, group);
  const look = box.isOpen ? OPEN_LOOK : CLOSED_LOOK;
  const isMarked = group.findings > 0 && !box.isOpen;
  return {
    data: {
      id: box.id,
      about: box.group,
      role: 'group',
      label: fitted(words.groupName(group), box.width - inset * 2 - look.reserved, look.font),
      w: box.width,
      h: box.height,
      inset: inset - box.width,
      lift: look.lift,
      images: isMarked ? [findingGlyph(group.findings, palette)] : [],
    },
    position: { x: box.x, y: box.y },
    classes: classes('box', ...boxStates(box, group)),
  };
}

const OPEN_LOOK = { reserved: 24, font: '600 14px', lift: 26 } as const;
const CLOSED_LOOK = { reserved: 0, font: '600 15px', lift: -10 } as const;

const boxStates = (box: BoxRect, group: DrawnGroup): readonly (string | false)[] =>
  box.isOpen
    ? ['open', group.isSelected && 'selected']
    : [
        'closed',
        group.group.kind !== 'namespace' && 'outside',
        group.isDim && 'dim',
        group.isSelected && 'selected',
        group.isNew && 'new',
      ];

function factsElement(box: BoxRect, group: DrawnGroup, { words }: With): ElementDefinition {
  const inset = insetOf(box, group);
  return {
    data: {
      id: `facts:${box.id}`,
      label: fitted(words.groupFacts(group), box.width - inset * 2, '400 13px'),
      inset: inset - box.width,
      w: box.width,
    },
    position: { x: box.x, y: box.y + 13 },
    classes: classes('facts', group.isDim && 'dim'),
  };
}

const toggleElement = (box: BoxRect): ElementDefinition => ({
  data: { id: `toggle:${box.id}`, about: box.group, role: 'toggle' },
  position: { x: box.x + box.width / 2 - 18, y: box.y - box.height / 2 + 18 },
  classes: 'toggle',
});

function vertexElement(
  vertex: DrawnVertex,
  rect: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  { words, palette }: With,
): ElementDefinition {
  const { node } = vertex;
  const isWorkload = node?.kind === 'workload';
  const glyph = isWorkload ? kindGlyph(node.workloadKind, palette) : outsideGlyph(palette);
  return {
    data: {
      id: vertex.id,
      about: vertex.id,
      role: 'vertex',
      label: fitted(words.vertexName(vertex), rect.width - (isWorkload ? 52 : 58), '500 13px'),
      w: rect.width,
      h: rect.height,
      inset: (isWorkload ? 38 : 42) - rect.width,
      images: [
        ...(node === undefined ? [] : [glyph]),
        ...(isWorkload ? [shieldGlyph(node.isolation, palette)] : []),
        ...(vertex.findings > 0 ? [findingGlyph(vertex.findings, palette)] : []),
      ],
    },
    position: { x: rect.x, y: rect.y },
    classes: classes(
      'vertex',
      isWorkload ? 'workload' : node === undefined ? 'rest' : 'peer',
      vertex.isDim && 'dim',
      vertex.isSelected && 'selected',
      vertex.isNew && 'new',
    ),
  };
}

const MARKERS = { forwarded: '', denied: '✕', mixed: '✕', audit: '▲', quiet: '' } as const;

const px = (value: number): string => `${value.toFixed(1)}px`;

/** From this many lines on, ordinary ones step back so that the others can be seen. */
const CROWDED_LINES = 110;

const isOrdinary = (line: DrawnLine): boolean =>
  line.meaning === 'forwarded' && line.sums.newEdges === 0 && !line.isSelected;

function lineElement(
  line: DrawnLine,
  route: Route | undefined,
  { words, isCrowded }: { readonly words: MapWords; readonly isCrowded: boolean },
): ElementDefinition {
  const marker = MARKERS[line.meaning];
  const bends =
    route === undefined
      ? {}
      : {
          sourceEnd: `${px(route.source.x)} ${px(route.source.y)}`,
          targetEnd: `${px(route.target.x)} ${px(route.target.y)}`,
          weights: route.weights.map((weight) => weight.toFixed(4)).join(' '),
          distances: route.distances.map(px).join(' '),
        };
  return {
    data: {
      id: line.id,
      about: line.id,
      role: 'line',
      source: line.from,
      target: line.to,
      marker,
      name: `${marker} ${words.lineName(line)}`.trim(),
      width: Number(lineWidth(line.sums.ratePerMinute).toFixed(1)),
      ...bends,
    },
    classes: classes(
      'line',
      line.meaning,
      line.sums.newEdges > 0 && 'new',
      isCrowded && isOrdinary(line) && 'ordinary',
      line.isDim && 'dim',
      line.isSelected && 'selected',
      route === undefined && 'loop',
    ),
  };
}
