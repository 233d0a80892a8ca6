import cytoscape, { type Core, type EventObject } from 'cytoscape';
import type { Scene } from '../model/scene.ts';
import { type Element, elementsOf, type MapWords } from './elements.ts';
import { type Palette, paletteFor, type Scheme } from './palette.ts';
import { stylesheetFor } from './stylesheet.ts';
import { tooltipIn } from './tooltip.ts';

/** What a person did on the map. Ids are those of the scene. */
export interface MapHandlers {
  onVertex(id: string): void;
  onGroup(id: string): void;
  onToggle(group: string): void;
  onLine(id: string): void;
  onBackground(): void;
}

export interface MapOptions {
  readonly handlers: MapHandlers;
  readonly words: MapWords;
  /** Lines of the tooltip of a vertex, a group or a line. */
  describe(role: 'vertex' | 'group' | 'line', id: string): readonly string[];
  /** False when the person asked for less motion. */
  readonly isAnimated: boolean;
}

/** A map in the page. */
export interface MountedMap {
  draw(scene: Scene, scheme: Scheme): void;
  fit(): void;
  /** Zooms about the middle; above 1 closer, below 1 further away. */
  zoomBy(factor: number): void;
  /** Moves the thing into sight if it is out of it. */
  reveal(id: string): void;
  destroy(): void;
}

const ZOOM = { min: 0.12, max: 2.5, fitMax: 1.15 } as const;
const MARGIN = 36;

/** Puts a map into the container, which it fills and follows in size. */
export function mountMap(container: HTMLElement, options: MapOptions): MountedMap {
  const cy = cytoscape({
    container,
    minZoom: ZOOM.min,
    maxZoom: ZOOM.max,
    autoungrabify: true,
    autounselectify: true,
    boxSelectionEnabled: false,
    layout: { name: 'preset' },
  });
  const drawn = new Map<string, Element>();
  let scheme: Scheme | undefined;
  let shape = '';
  let isLeftAlone = true;
  const refit = (): void => fitTo(cy, options.isAnimated && shape !== '');
  const stopFollowing = (): void => {
    isLeftAlone = false;
  };
  container.addEventListener('wheel', stopFollowing, { passive: true });
  cy.on('dragpan', stopFollowing);
  bindHandlers(cy, options);
  const tooltip = tooltipIn(cy, container, options.describe);
  let windowSize = windowText();
  const resized = new ResizeObserver(() => {
    cy.resize();
    const isWindowResized = windowSize !== windowText();
    windowSize = windowText();
    if (isLeftAlone && isWindowResized) fitTo(cy, false);
  });
  resized.observe(container);
  return {
    draw(scene, nextScheme) {
      const palette: Palette = paletteFor(nextScheme);
      if (scheme !== nextScheme) cy.style(stylesheetFor(palette));
      scheme = nextScheme;
      patch(cy, drawn, elementsOf(scene, options.words, palette));
      const nextShape = scene.geometry.boxes.map((box) => `${box.id}${box.isOpen}`).join();
      if (shape !== nextShape && isLeftAlone) refit();
      shape = nextShape;
    },
    fit() {
      isLeftAlone = true;
      refit();
    },
    zoomBy(factor) {
      stopFollowing();
      cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
    },
    reveal: (id) => reveal(cy, id, options.isAnimated),
    destroy() {
      resized.disconnect();
      container.removeEventListener('wheel', stopFollowing);
      tooltip.remove();
      cy.destroy();
    },
  };
}

/** A panel that opens beside the map must not move it; another size of the window may. */
const windowText = (): string => `${window.innerWidth} ${window.innerHeight}`;

function fitTo(cy: Core, isAnimated: boolean): void {
  if (cy.elements().empty() || cy.width() === 0) return;
  const bounds = cy.nodes().boundingBox({ includeOverlays: false });
  const zoom = Math.min(
    (cy.width() - MARGIN * 2) / bounds.w,
    (cy.height() - MARGIN * 2) / bounds.h,
    ZOOM.fitMax,
  );
  const level = Math.max(zoom, ZOOM.min);
  const pan = {
    x: cy.width() / 2 - (level * (bounds.x1 + bounds.x2)) / 2,
    y: cy.height() / 2 - (level * (bounds.y1 + bounds.y2)) / 2,
  };
  cy.stop();
  if (isAnimated) cy.animate({ zoom: level, pan }, { duration: 180, easing: 'ease-out' });
  else cy.viewport({ zoom: level, pan });
}

function reveal(cy: Core, id: string, isAnimated: boolean): void {
  const element = cy.getElementById(id);
  if (element.empty()) return;
  const box = element.renderedBoundingBox();
  const isInSight = box.x1 >= 0 && box.y1 >= 0 && box.x2 <= cy.width() && box.y2 <= cy.height();
  if (isInSight) return;
  if (isAnimated) cy.animate({ center: { eles: element } }, { duration: 180 });
  else cy.center(element);
}

function bindHandlers(cy: Core, { handlers }: MapOptions): void {
  const roles: Readonly<Record<string, (id: string) => void>> = {
    vertex: handlers.onVertex,
    group: handlers.onGroup,
    toggle: handlers.onToggle,
    line: handlers.onLine,
  };
  cy.on('tap', (event: EventObject) => {
    if (event.target === cy) handlers.onBackground();
    else roles[event.target.data('role')]?.(event.target.data('about'));
  });
}

/** Brings the drawn elements up to date, touching only those that changed. */
function patch(cy: Core, drawn: Map<string, Element>, elements: readonly Element[]): void {
  const wanted = new Set(elements.map(({ id }) => id));
  const gone = [...drawn.keys()].filter((id) => !wanted.has(id)).reverse();
  cy.batch(() => {
    for (const id of gone) {
      cy.getElementById(id).remove();
      drawn.delete(id);
    }
    for (const element of elements) {
      if (drawn.get(element.id)?.signature === element.signature) continue;
      upsert(cy, element);
      drawn.set(element.id, element);
    }
  });
}

function upsert(cy: Core, { id, definition }: Element): void {
  const element = cy.getElementById(id);
  if (element.empty()) {
    cy.add(definition);
    return;
  }
  const { id: _id, source: _source, target: _target, ...data } = definition.data;
  element.data(data);
  const isHovered = element.hasClass('hover');
  element.classes(`${String(definition.classes ?? '')}${isHovered ? ' hover' : ''}`);
  if (definition.position !== undefined) element.position(definition.position);
}
