import { Kbd, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './help.module.css';
import { Legend } from './legend.tsx';
import { pageStrings } from './strings-pages.ts';

const words = pageStrings.help;

/** Keys, and what lines and colours mean. */
export function Help({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={words.title}
      size={720}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      <div className={classes['columns']}>
        <dl className={classes['keys']}>
          {words.rows.map(([key, text]) => (
            <div key={key}>
              <dt>
                <Kbd size="xs">{key}</Kbd>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <Legend />
      </div>
    </Modal>
  );
}
