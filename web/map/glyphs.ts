import type { Palette } from './palette.ts';

/**
 * Small pictures drawn on vertices, as data URIs. They hold only letters and numbers chosen here, never text that
 * came with a flow.
 */

const uri = (width: number, height: number, body: string): string =>
  `data:image/svg+xml;utf8,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${body}</svg>`,
  )}`;

const KIND_LETTERS: ReadonlyMap<string, string> = new Map([
  ['Deployment', 'D'],
  ['StatefulSet', 'S'],
  ['DaemonSet', 'DS'],
  ['CronJob', 'CJ'],
  ['Job', 'J'],
  ['Pod', 'P'],
  ['ReplicaSet', 'RS'],
]);

/** The square at a workload's left that says its kind. */
export function kindGlyph(kind: string | undefined, palette: Palette): string {
  const letters = KIND_LETTERS.get(kind ?? '') ?? '?';
  const size = letters.length > 1 ? 9 : 11;
  return uri(
    22,
    22,
    `<rect width="22" height="22" rx="5" fill="${palette.glyph}"/><text x="11" y="${11 + size * 0.36}" font-family="sans-serif" font-weight="600" font-size="${size}" text-anchor="middle" fill="${palette.glyphText}">${letters}</text>`,
  );
}

/** The globe at an outside peer's left. */
export const outsideGlyph = (palette: Palette): string =>
  uri(
    22,
    22,
    `<g fill="none" stroke="${palette.muted}" stroke-width="1.4"><circle cx="11" cy="11" r="7.5"/><ellipse cx="11" cy="11" rx="3.2" ry="7.5"/><path d="M3.5 11h15"/></g>`,
  );

const SHIELD = 'M8 1.2 14 3.4v5c0 3.6-2.5 6-6 7.4-3.5-1.4-6-3.8-6-7.4v-5z';

/** Which part of the shield is filled: x and width. */
const SHIELD_FILL = { none: [0, 0], ingress: [0, 8], egress: [8, 8], both: [0, 16] } as const;

/** The policy state: empty, left half (ingress), right half (egress), or full. */
export function shieldGlyph(isolation: keyof typeof SHIELD_FILL, palette: Palette): string {
  const [x, width] = SHIELD_FILL[isolation];
  const stroke = isolation === 'none' ? palette.muted : palette.shield;
  return uri(
    16,
    17,
    `<clipPath id="c"><rect x="${x}" width="${width}" height="17"/></clipPath><path d="${SHIELD}" fill="${palette.surface}"/><path d="${SHIELD}" clip-path="url(#c)" fill="${palette.shield}"/><path d="${SHIELD}" fill="none" stroke="${stroke}" stroke-width="1.3"/>`,
  );
}

/** The numbered dot for open findings. */
export function findingGlyph(count: number, palette: Palette): string {
  const text = count > 99 ? '99+' : String(Math.max(Math.trunc(count), 0));
  const width = text.length > 2 ? 28 : 20;
  return uri(
    width,
    20,
    `<rect x="1" y="1" width="${width - 2}" height="18" rx="9" fill="${palette.finding}" stroke="${palette.surface}" stroke-width="1.5"/><text x="${width / 2}" y="14" font-family="sans-serif" font-weight="700" font-size="11" text-anchor="middle" fill="${palette.findingText}">${text}</text>`,
  );
}
