import { counted } from '../model/format.ts';

/** Words of the time bar. */
export const timeBarStrings = {
  label: 'Time',
  firstSeen: 'Edges first seen',
  training: 'Training window',
  firstSeenCount: (edges: number, fresh: number) =>
    `${counted(edges, 'edge')} first seen${fresh > 0 ? `, ${fresh} not in the baseline` : ''}`,
  rate: (last: string) => `Since this page was opened; ${last} in the newest minute`,
  summary: (edges: number, from: string, until: string) =>
    `${counted(edges, 'edge')} first seen between ${from} and ${until}; findings are marked`,
} as const;
