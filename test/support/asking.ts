import { setImmediate as breathe } from 'node:timers/promises';
import { emptyCoverage } from '../../collector/main.ts';
import {
  createThreadRunner,
  type ThreadRunnerOptions,
} from '../../server/adapters/question-thread/thread-runner.ts';
import type { SeenGround } from '../../server/app/policy-questions/ground.ts';
import type { ManifestFile } from '../../server/app/ports/manifest-tools.ts';
import { serve } from '../integration/http/running.ts';

const THREAD = new URL('../../server/question-thread.ts', import.meta.url);

/** Nobody was seen, and nothing. */
export const NOBODY: SeenGround = {
  world: { pods: [], namespaces: [], shedPods: 0 },
  edges: [],
  coverage: emptyCoverage(),
  cluster: 'default',
  proposal: undefined,
};

export interface Asking extends Partial<ThreadRunnerOptions> {
  readonly ground?: SeenGround;
  /** What `--policies` holds. */
  readonly files?: readonly ManifestFile[];
  readonly bearerToken?: string;
}

/** A server that answers questions about this ground in a real thread; its clock never strikes unless `later` does. */
export async function asking({ ground = NOBODY, files, bearerToken, ...runner }: Asking = {}) {
  const questions = createThreadRunner({
    module: THREAD,
    served: files && { files, problems: [] },
    seen: () => ground,
    breathe: () => breathe(),
    later: () => () => undefined,
    ...runner,
  });
  const server = await serve({ questions, bearerToken });
  const ask = (question: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    server.post(`/api/v1/questions/${question}`, body, headers);
  const close = async (): Promise<void> => {
    await questions.close();
    await server.app.close();
  };
  return { ...server, questions, ask, close };
}
