import type { NodeSingular, StylesheetJson } from 'cytoscape';
import { CLOSED_SIZE, TAPER, VERTEX_SIZE } from '../model/geometry.ts';
import type { Meaning } from '../model/meaning.ts';
import { FONT, type Palette } from './palette.ts';

const lift = (node: NodeSingular): number => node.data('lift') ?? 0;
const images = (node: NodeSingular): string[] => node.data('images') ?? [];

/** Overhanging pictures at the corners; the first two places belong to kind and shield where there are some. */
const corners = (x: readonly string[], y: readonly string[]): Record<string, unknown> => ({
  'background-image': images,
  'background-position-x': x,
  'background-position-y': y,
  'background-fit': x.map(() => 'none'),
  'background-clip': x.map(() => 'none'),
  'background-image-containment': x.map(() => 'over'),
  'bounds-expansion': 14,
});

/** Flat enough for names to fit, with the points at the sides, where lines end. */
const HEXAGON: Record<string, unknown> = {
  shape: 'polygon',
  'shape-polygon-points': [-1, 0, TAPER - 1, -1, 1 - TAPER, -1, 1, 0, 1 - TAPER, 1, TAPER - 1, 1],
};

const text = (palette: Palette): Record<string, unknown> => ({
  'font-family': FONT,
  'font-size': 13,
  color: palette.text,
  'text-halign': 'right',
  'text-valign': 'center',
  'text-margin-x': 'data(inset)',
  'min-zoomed-font-size': 6,
});

const boxStyles = (palette: Palette): StylesheetJson => [
  {
    selector: 'node.box',
    style: {
      ...text(palette),
      shape: 'round-rectangle',
      'corner-radius': '8px',
      width: 'data(w)',
      height: 'data(h)',
      label: 'data(label)',
      'font-weight': 600,
      'border-width': 1,
      'border-color': palette.boxBorder,
      'background-color': palette.box,
      'z-index': 0,
    },
  },
  {
    selector: 'node.open',
    style: {
      'font-size': 14,
      'text-valign': 'top',
      'text-margin-y': lift,
      'background-opacity': 0.7,
    },
  },
  {
    selector: 'node.closed',
    style: {
      'font-size': 15,
      'text-margin-y': lift,
      'background-color': palette.surface,
      'z-index': 10,
      ...corners([`${CLOSED_SIZE.width - 14}px`], ['-8px']),
    },
  },
  { selector: 'node.outside', style: HEXAGON },
  {
    selector: 'node.facts',
    style: {
      ...text(palette),
      shape: 'rectangle',
      width: 'data(w)',
      height: 20,
      label: 'data(label)',
      color: palette.muted,
      'background-opacity': 0,
      'z-index': 11,
      events: 'no',
    },
  },
  {
    selector: 'node.toggle',
    style: {
      shape: 'round-rectangle',
      width: 20,
      height: 20,
      label: '−',
      'font-size': 16,
      'font-family': FONT,
      color: palette.muted,
      'text-halign': 'center',
      'text-valign': 'center',
      'background-color': palette.surface,
      'border-width': 1,
      'border-color': palette.boxBorder,
      'z-index': 12,
    },
  },
];

const vertexStyles = (palette: Palette): StylesheetJson => [
  {
    selector: 'node.vertex',
    style: {
      ...text(palette),
      shape: 'round-rectangle',
      'corner-radius': '6px',
      width: 'data(w)',
      height: 'data(h)',
      label: 'data(label)',
      'font-weight': 500,
      'background-color': palette.surface,
      'border-width': 1,
      'border-color': palette.vertexBorder,
      'z-index': 10,
    },
  },
  {
    selector: 'node.workload',
    style: corners(['8px', `${VERTEX_SIZE.width - 11}px`, '-8px'], ['7px', '-8px', '-9px']),
  },
  {
    selector: 'node.peer',
    style: { ...HEXAGON, ...corners(['16px', '-8px'], ['7px', '-9px']) },
  },
  { selector: 'node.rest', style: { 'border-style': 'dashed', color: palette.muted } },
];

/** Bends come from the scene; `endpoints` is missing from cytoscape's types, though its manual has it. */
const BENDS: Record<string, unknown> = {
  'curve-style': 'unbundled-bezier',
  'edge-distances': 'endpoints',
  'source-endpoint': 'data(sourceEnd)',
  'target-endpoint': 'data(targetEnd)',
  'control-point-weights': 'data(weights)',
  'control-point-distances': 'data(distances)',
};

const lineStyles = (palette: Palette): StylesheetJson => [
  {
    selector: 'edge',
    style: {
      width: 'data(width)',
      'target-arrow-shape': 'triangle',
      'arrow-scale': 0.9,
      label: 'data(marker)',
      'font-family': FONT,
      'font-size': 12,
      'font-weight': 700,
      'text-background-color': palette.surface,
      'text-background-opacity': 0.92,
      'text-background-padding': '3px',
      'text-background-shape': 'roundrectangle',
      'min-zoomed-font-size': 5,
      'z-index': 2,
    },
  },
  { selector: 'edge[weights]', style: BENDS },
  {
    selector: 'edge.loop',
    style: {
      'curve-style': 'bezier',
      'loop-direction': '-35deg',
      'loop-sweep': '40deg',
      'control-point-step-size': 26,
    },
  },
  ...(Object.keys(palette.lines) as Meaning[]).map((meaning) => ({
    selector: `edge.${meaning}`,
    style: {
      'line-color': palette.lines[meaning],
      'target-arrow-color': palette.lines[meaning],
      color: palette.lines[meaning],
    },
  })),
  { selector: 'edge.denied, edge.mixed', style: { 'z-index': 4 } },
  { selector: 'edge.mixed', style: { 'line-style': 'dashed', 'line-dash-pattern': [12, 5] } },
  { selector: 'edge.audit', style: { 'line-style': 'dashed', 'line-dash-pattern': [4, 4], 'z-index': 3 } },
  {
    selector: 'edge.quiet',
    style: {
      'line-style': 'dotted',
      width: 1.2,
      'target-arrow-fill': 'hollow',
      'z-index': 1,
    },
  },
];

const stateStyles = (palette: Palette): StylesheetJson => [
  {
    selector: 'edge.new',
    style: { 'underlay-color': palette.halo, 'underlay-opacity': 0.28, 'underlay-padding': 4 },
  },
  {
    selector: 'node.new',
    style: { 'underlay-color': palette.halo, 'underlay-opacity': 0.28, 'underlay-padding': 5 },
  },
  { selector: 'edge.ordinary', style: { opacity: 0.26, 'arrow-scale': 0.7 } },
  { selector: '.dim', style: { opacity: 0.25 } },
  { selector: '.new.dim', style: { 'underlay-opacity': 0.06 } },
  { selector: 'edge.dim', style: { opacity: 0.14 } },
  {
    selector: 'node.selected',
    style: { 'outline-width': 2, 'outline-color': palette.accent, 'outline-offset': 2 },
  },
  {
    selector: 'edge.hover, edge.selected',
    style: { label: 'data(name)', 'z-index': 6, opacity: 1, 'min-zoomed-font-size': 0 },
  },
  {
    selector: 'edge.selected',
    style: { 'underlay-color': palette.accent, 'underlay-opacity': 0.35, 'underlay-padding': 3 },
  },
  { selector: 'node.hover', style: { 'border-color': palette.accent, 'border-width': 1.5 } },
];

/** The map's style sheet; cytoscape parses it, no `<style>` element is made. */
export const stylesheetFor = (palette: Palette): StylesheetJson => [
  { selector: 'node, edge', style: { 'z-index-compare': 'manual', 'overlay-opacity': 0 } },
  ...boxStyles(palette),
  ...vertexStyles(palette),
  ...lineStyles(palette),
  ...stateStyles(palette),
];
