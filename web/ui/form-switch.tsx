import { SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import { FORMS, type Form } from '../model/view.ts';
import classes from './map-page.module.css';
import { formStrings } from './strings-forms.ts';
import { useApp, useStore } from './use-app.ts';

const NAMES: Readonly<Record<Form, string>> = {
  map: formStrings.map,
  matrix: formStrings.matrix.name,
  sankey: formStrings.sankey.name,
  table: formStrings.table.name,
};

/** From the map to the same traffic as a matrix or a table, one click apart. */
export function FormSwitch(): ReactNode {
  const store = useStore();
  const form = useApp((state) => state.view.form);
  return (
    <SegmentedControl
      className={classes['forms'] ?? ''}
      size="xs"
      aria-label={formStrings.label}
      value={form}
      data={FORMS.map((value) => ({ value, label: NAMES[value] }))}
      onChange={(value) => store.look((view) => ({ ...view, form: value as Form }))}
    />
  );
}
