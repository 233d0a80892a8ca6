import { compareText } from '#core/order.ts';
import type { Scene } from './scene.ts';
import { rectsOf } from './scene.ts';

export type Step = 'left' | 'right' | 'up' | 'down';

/**
 * The drawn thing an arrow key leads to from another: left and right prefer what it talks to, up and down go through
 * what stands above and below. Undefined when there is nothing that way. Without a start, the first thing drawn.
 */
export function neighbourOf(scene: Scene, from: string | undefined, step: Step): string | undefined {
  const rects = rectsOf(scene.geometry);
  const start = from === undefined ? undefined : rects.get(from);
  if (start === undefined) return firstOf(scene);
  const linked = new Set(
    scene.picture.lines.flatMap((line) => {
      if (line.from === from) return [line.to];
      return line.to === from ? [line.from] : [];
    }),
  );
  const isSideways = step === 'left' || step === 'right';
  const sign = step === 'left' || step === 'up' ? -1 : 1;
  const reachable = [...rects]
    .filter(([id]) => id !== from)
    .map(([id, rect]) => {
      const [ahead, aside] = isSideways
        ? [(rect.x - start.x) * sign, Math.abs(rect.y - start.y)]
        : [(rect.y - start.y) * sign, Math.abs(rect.x - start.x)];
      return { id, ahead, cost: ahead + aside * 2 + (isSideways && !linked.has(id) ? 10_000 : 0) };
    })
    .filter(({ ahead }) => ahead > 1)
    .sort((a, b) => a.cost - b.cost || compareText(a.id, b.id));
  return reachable[0]?.id;
}

function firstOf(scene: Scene): string | undefined {
  const rects = [...rectsOf(scene.geometry)];
  rects.sort(([, a], [, b]) => a.x - b.x || a.y - b.y);
  return rects[0]?.[0];
}
