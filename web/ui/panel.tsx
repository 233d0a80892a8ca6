import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react';
import type { Selection } from '../model/view.ts';
import { EdgePanel } from './edge-panel.tsx';
import { GroupPanel } from './group-panel.tsx';
import { LinePanel } from './line-panel.tsx';
import { OverviewPanel } from './overview-panel.tsx';
import classes from './panel.module.css';
import { FaultBoundary } from './states.tsx';
import { strings } from './strings.ts';
import { useApp } from './use-app.ts';
import { VertexPanel } from './vertex-panel.tsx';

const WIDTH = { min: 340, start: 420, max: 760 } as const;
const KEY_STEP = 24;

const clamped = (width: number): number => Math.min(Math.max(width, WIDTH.min), WIDTH.max);

/** The one panel at the right, for whatever is selected; never over the map. */
export function DetailPanel(): ReactNode {
  const selection = useApp((state) => state.view.selection);
  const [width, setWidth] = useState<number>(WIDTH.start);
  return (
    <aside
      className={classes['panel']}
      style={{ width }}
      id="panel"
      tabIndex={-1}
      aria-label={strings.panel.label}
      data-testid="panel"
    >
      <Divider width={width} onWidth={(next) => setWidth(clamped(next))} />
      <FaultBoundary key={JSON.stringify(selection ?? null)}>
        <Content selection={selection} />
      </FaultBoundary>
    </aside>
  );
}

function Content({ selection }: { readonly selection: Selection | undefined }): ReactNode {
  switch (selection?.kind) {
    case 'edge':
      return <EdgePanel id={selection.id} />;
    case 'vertex':
      return <VertexPanel id={selection.id} />;
    case 'group':
      return <GroupPanel id={selection.id} />;
    case 'line':
      return <LinePanel from={selection.from} to={selection.to} />;
    default:
      return <OverviewPanel />;
  }
}

function Divider({
  width,
  onWidth,
}: {
  readonly width: number;
  readonly onWidth: (width: number) => void;
}): ReactNode {
  const drag = (event: PointerEvent<HTMLHRElement>): void => {
    if (event.buttons === 1) onWidth(window.innerWidth - event.clientX);
  };
  const press = (event: KeyboardEvent<HTMLHRElement>): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    onWidth(width + (event.key === 'ArrowLeft' ? KEY_STEP : -KEY_STEP));
  };
  return (
    <hr
      className={classes['divider']}
      tabIndex={0}
      aria-label={strings.panel.resize}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={WIDTH.min}
      aria-valuemax={WIDTH.max}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={press}
    />
  );
}
