import type { ReactNode } from 'react';
import { withoutKind } from '../model/asked-ends.ts';
import { readingOf } from '../model/reach.ts';
import classes from './map-page.module.css';
import { failureWords } from './states.tsx';
import { questionStrings } from './strings-questions.ts';
import { useApp, useStore } from './use-app.ts';
import { useReachOnMap, useWorkloadName } from './use-reach.ts';

const words = questionStrings.reach;

/** Says whose reach the map shows, and leads back to everything. */
export function ReachNotice(): ReactNode {
  const reach = useApp((state) => state.view.reach);
  const workload = useWorkloadName(reach?.of);
  return workload === undefined ? null : <Shown workload={workload} />;
}

function Shown({ workload }: { readonly workload: string }): ReactNode {
  const store = useStore();
  const reached = useApp((state) => state.reached);
  const { resource } = useReachOnMap(workload);
  const back = (
    <button
      type="button"
      className={classes['notice']}
      onClick={() => store.look((view) => ({ ...view, reach: undefined }))}
    >
      <u>{words.showAll}</u>
    </button>
  );
  if (resource.state === 'failed') {
    return (
      <>
        <span className={classes['notice']} data-tone="denied">
          {failureWords(resource.failure).text}
        </span>
        {back}
      </>
    );
  }
  if (resource.state === 'loading' || reached === undefined) return back;
  const { now } = readingOf(resource.value.answer);
  const under = reached.under === 'now' && now?.stage === 'open' ? 'open' : reached.under;
  return (
    <>
      <span className={classes['notice']} data-testid="reach-notice">
        {words.onMap(withoutKind(workload), under, reached.workloads)}
      </span>
      {back}
    </>
  );
}
