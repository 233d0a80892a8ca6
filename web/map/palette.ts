import type { Meaning } from '../model/meaning.ts';

export type Scheme = 'light' | 'dark';

/** Colours of the map; every meaning also has a dash or a marker, so that none rests on colour alone. */
export interface Palette {
  readonly lines: Readonly<Record<Meaning, string>>;
  readonly halo: string;
  readonly accent: string;
  readonly surface: string;
  readonly box: string;
  readonly boxBorder: string;
  readonly vertexBorder: string;
  readonly text: string;
  readonly muted: string;
  readonly glyph: string;
  readonly glyphText: string;
  readonly finding: string;
  readonly findingText: string;
  readonly shield: string;
}

const LIGHT: Palette = {
  lines: {
    forwarded: '#64748b',
    denied: '#d55e00',
    mixed: '#d55e00',
    audit: '#b7791f',
    quiet: '#9ca3af',
  },
  halo: '#7c3aed',
  accent: '#0f766e',
  surface: '#ffffff',
  box: '#eef2f6',
  boxBorder: '#cbd5e1',
  vertexBorder: '#b6c2d1',
  text: '#0f172a',
  muted: '#52606f',
  glyph: '#e2e8f0',
  glyphText: '#334155',
  finding: '#b84a00',
  findingText: '#ffffff',
  shield: '#0072b2',
};

const DARK: Palette = {
  lines: {
    forwarded: '#94a3b8',
    denied: '#ff8a4c',
    mixed: '#ff8a4c',
    audit: '#f6c453',
    quiet: '#6b7280',
  },
  halo: '#b794f4',
  accent: '#2dd4bf',
  surface: '#1b232d',
  box: '#141b23',
  boxBorder: '#33404e',
  vertexBorder: '#46566a',
  text: '#e6edf3',
  muted: '#a3b1c0',
  glyph: '#2c3846',
  glyphText: '#cbd5e1',
  finding: '#ff8a4c',
  findingText: '#1a0d04',
  shield: '#56b4e9',
};

export const paletteFor = (scheme: Scheme): Palette => (scheme === 'dark' ? DARK : LIGHT);

/** Fonts of the page, for text on the canvas. */
export const FONT =
  'BlinkMacSystemFont, "Segoe UI", Roboto, Cantarell, Ubuntu, "Noto Sans", "DejaVu Sans Condensed", sans-serif';
