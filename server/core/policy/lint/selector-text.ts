import type { Requirement, Selector } from '../fast/selector.ts';

/** `app=cart`, `tier in (web, api)`, `canary exists`. */
export function requirementText({ key, kind, values }: Requirement): string {
  switch (kind) {
    case 'in':
      return values.length === 1 ? `${key}=${values[0] ?? ''}` : `${key} in (${values.join(', ')})`;
    case 'not-in':
      return `${key} not in (${values.join(', ')})`;
    case 'exists':
      return `${key} exists`;
    case 'absent':
      return `${key} does not exist`;
  }
}

/** All requirements, or `everything` when there is none. */
export const selectorText = ({ requirements }: Selector, everything: string): string =>
  requirements.length === 0 ? everything : requirements.map(requirementText).join(', ');
