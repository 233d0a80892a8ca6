import type { ReactNode } from 'react';
import { MEANINGS, type Meaning } from '../model/meaning.ts';
import classes from './legend.module.css';
import { strings } from './strings.ts';

const words = strings.meaning;

/** What lines, colours and marks on the map mean. */
export function Legend(): ReactNode {
  return (
    <ul className={classes['legend']}>
      {MEANINGS.map((meaning) => (
        <li key={meaning}>
          <LineSample meaning={meaning} />
          {words[meaning]}
        </li>
      ))}
      <li>
        <svg width="44" height="14" aria-hidden="true">
          <path d="M2 7h40" className={classes['halo']} />
          <path d="M2 7h40" className={classes['forwarded']} />
        </svg>
        {words.new}
      </li>
      <li>
        <svg width="44" height="18" viewBox="-14 0 44 18" aria-hidden="true">
          <path d="M8 1.2 14 3.4v5c0 3.6-2.5 6-6 7.4-3.5-1.4-6-3.8-6-7.4v-5z" className={classes['shield']} />
          <path d="M8 1.2v14.6c-3.5-1.4-6-3.8-6-7.4v-5z" className={classes['shieldFill']} />
        </svg>
        {words.shield}
      </li>
      <li>
        <svg width="44" height="18" aria-hidden="true">
          <circle cx="22" cy="9" r="8" className={classes['dot']} />
          <text x="22" y="13" textAnchor="middle" className={classes['dotText']}>
            2
          </text>
        </svg>
        {words.dot}
      </li>
      <li className={classes['note']}>{words.width}</li>
    </ul>
  );
}

function LineSample({ meaning }: { readonly meaning: Meaning }): ReactNode {
  const isCrossed = meaning === 'denied' || meaning === 'mixed';
  return (
    <svg width="44" height="14" aria-hidden="true">
      <path d="M2 7h36" className={classes[meaning]} />
      <path d="M37 3.5 43 7l-6 3.5z" className={`${classes['head']} ${classes[meaning]}`} />
      {isCrossed ? <path d="M17 3.5l7 7M24 3.5l-7 7" className={classes['cross']} /> : null}
      {meaning === 'audit' ? <path d="M20 3l4 7h-8z" className={classes['triangle']} /> : null}
    </svg>
  );
}
