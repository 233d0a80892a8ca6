import type { ReactNode } from 'react';
import { printable } from '#core/policy/printable.ts';
import type { Explained } from '../model/ports.ts';
import { yamlText } from '../model/yaml-text.ts';
import { Muted, Name } from './pieces.tsx';
import classes from './questions.module.css';
import { CopyButton } from './states.tsx';
import { questionStrings } from './strings-questions.ts';
import { YamlView } from './yaml-view.tsx';

const words = questionStrings.why;

type Patch = NonNullable<Explained['patch']>;
type Part = Extract<Patch, { readonly kind: 'patch' }>['parts'][number];

/** Pairs that are listed of those a patch opens beside. */
const MOST_PAIRS = 20;

const titleOf = ({ addTo, direction }: Part): string =>
  addTo === undefined ? words.newPolicy : words.addTo(direction, addTo);

const yamlOf = ({ newPolicy, rule }: Part): string =>
  yamlText(newPolicy ?? (rule === undefined ? [] : [rule]));

/** What is missing for the connection to be allowed, as YAML to copy. */
export function PatchView({ patch }: { readonly patch: Patch }): ReactNode {
  if (patch.kind === 'none') {
    return (
      <div className={classes['patch']}>
        <h4>{words.noPatch}</h4>
        <p>{patch.note}</p>
      </div>
    );
  }
  const { parts, alsoAllows } = patch;
  const text = parts.map((part) => `# ${printable(titleOf(part))}\n${yamlOf(part)}`).join('---\n');
  return (
    <div className={classes['patch']}>
      <div className={classes['patchHead']}>
        <h4>{words.patch}</h4>
        <CopyButton text={text} label={words.copyPatch} />
      </div>
      {parts.map((part) => (
        <div key={part.direction}>
          <p>
            <Name text={titleOf(part)} max={64} />
          </p>
          <YamlView text={yamlOf(part)} label={titleOf(part)} />
        </div>
      ))}
      {alsoAllows.length === 0 ? (
        <Muted>{words.checked}</Muted>
      ) : (
        <div className={classes['opens']}>
          <p>{words.alsoAllows(alsoAllows.length)}</p>
          <ul>
            {alsoAllows.slice(0, MOST_PAIRS).map(({ from, to }) => (
              <li key={`${from} ${to}`}>
                {from} → {to}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
