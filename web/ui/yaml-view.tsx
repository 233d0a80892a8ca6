import type { ReactNode } from 'react';
import { yamlTokens } from '../model/yaml-tokens.ts';
import classes from './yaml-view.module.css';

/** YAML for reading, coloured simply, with line numbers. */
export function YamlView({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const lines = text.replace(/\n$/, '').split('\n');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes['scroll']} tabIndex={0} aria-label={label}>
      <pre className={classes['code']} data-testid="policy-yaml">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of text has no other identity than its number
          <span key={index} className={classes['line']}>
            {yamlTokens(line).map((token, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same for the pieces of a line
              <span key={i} className={classes[token.kind]}>
                {token.text}
              </span>
            ))}
            {'\n'}
          </span>
        ))}
      </pre>
    </section>
  );
}
