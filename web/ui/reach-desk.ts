import type { Answer, Api, Asked, Blast, PolicyQuestions } from '../model/ports.ts';

/** Asks what a workload reaches, under the policies the server knows. */
export interface ReachDesk {
  /** `jewel` is a crown jewel to find the shortest path to; empty for none. */
  ask(workload: string, jewel: string): Answer<Asked<Blast>>;
}

/** Hops that are walked: as many as the API goes. */
const MOST_HOPS = 20;

/** Sets of policies that the server has. */
interface Known {
  readonly current: boolean;
  readonly proposal: boolean;
}

function bodyOf(workload: string, jewel: string, known: Known): PolicyQuestions['blast']['body'] {
  return {
    workload,
    hops: MOST_HOPS,
    crownJewels: jewel === '' ? [] : [jewel],
    policies: { from: known.current ? 'current' : 'none' },
    ...(known.proposal ? { proposal: { from: 'proposal' as const } } : {}),
  };
}

/** What the server has, once it refused for want of one; undefined when it was something else. */
function lessKnown(answer: Awaited<Answer<unknown>>, known: Known): Known | undefined {
  if (answer.ok || answer.error.code !== 'problem') return undefined;
  const { code } = answer.error.problem;
  if (code === 'no_current_policies' && known.current) return { ...known, current: false };
  return code === 'no_proposal' && known.proposal ? { ...known, proposal: false } : undefined;
}

/**
 * A desk that remembers what the server lacks: whether it was started with the current policies does not change while it
 * runs, so they are asked about in vain only once. A proposal may come any time. The same question is under way once.
 */
export function createReachDesk(api: Api): ReachDesk {
  let hasCurrent: boolean | undefined;
  let finding: Promise<unknown> = Promise.resolve();
  const underWay = new Map<string, Answer<Asked<Blast>>>();
  const attempt = async (workload: string, jewel: string, known: Known): Answer<Asked<Blast>> => {
    const answer = await api.ask('blast', bodyOf(workload, jewel, known));
    const less = lessKnown(answer, known);
    if (less !== undefined) {
      hasCurrent = less.current;
      return attempt(workload, jewel, less);
    }
    if (answer.ok) hasCurrent = known.current;
    return answer;
  };
  const inTurn = async (workload: string, jewel: string): Answer<Asked<Blast>> => {
    const before = finding;
    const mine = (async () => {
      if (hasCurrent === undefined) await before;
      return attempt(workload, jewel, { current: hasCurrent ?? true, proposal: true });
    })();
    if (hasCurrent === undefined) finding = mine;
    return mine;
  };
  return {
    ask(workload, jewel) {
      const key = JSON.stringify([workload, jewel]);
      const same = underWay.get(key);
      if (same !== undefined) return same;
      const asked = inTurn(workload, jewel).finally(() => underWay.delete(key));
      underWay.set(key, asked);
      return asked;
    },
  };
}
