import type { ReactNode } from 'react';
import classes from './brand.module.css';

/** The product's mark; whatever it stands beside carries the name. */
export function Brand({ size }: { readonly size: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" className={classes['hull']} />
      <path d="M7 8h18M7 24h18M11 8v16M21 8v16M11 16h10" className={classes['walls']} />
    </svg>
  );
}
