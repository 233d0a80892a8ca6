import { cutMiddle } from '../model/format.ts';
import { FONT } from './palette.ts';

const context = document.createElement('canvas').getContext('2d');
const cuts = new Map<string, string>();

const KEPT_CUTS = 4000;

/** The text, cut in the middle until it is at most `width` pixels wide in the given size and weight. */
export function fitted(text: string, width: number, font: string): string {
  const key = `${width} ${font} ${text}`;
  const known = cuts.get(key);
  if (known !== undefined) return known;
  if (cuts.size > KEPT_CUTS) cuts.clear();
  const cut = measured(text, width, font);
  cuts.set(key, cut);
  return cut;
}

function measured(text: string, width: number, font: string): string {
  if (context === null) return cutMiddle(text, Math.floor(width / 7));
  context.font = `${font} ${FONT}`;
  let letters = Math.min([...text].length, 253);
  let cut = cutMiddle(text, letters);
  while (letters > 4 && context.measureText(cut).width > width) {
    letters -= 1;
    cut = cutMiddle(text, letters);
  }
  return cut;
}
