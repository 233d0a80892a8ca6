import type { Edge } from '#core/graph/edge.ts';
import type { SeenPod } from '#core/identity/seen-pod.ts';
import type { Result } from '#core/result.ts';
import type { SeenGround, ServedManifests } from '../../app/policy-questions/ground.ts';
import type { Question, QuestionFailure } from '../../app/policy-questions/question.ts';

/** What the server tells the thread; pods and edges come in pieces, so that copying them never holds the server up. */
export type ToThread =
  | { readonly kind: 'served'; readonly served: ServedManifests | undefined }
  | { readonly kind: 'pods'; readonly pods: readonly SeenPod[] }
  | { readonly kind: 'edges'; readonly edges: readonly Edge[] }
  /** `ground` without its pods and edges: those that came since the last question. */
  | { readonly kind: 'ask'; readonly question: Question; readonly ground: SeenGround };

/** What the thread answers a question with: the JSON text, or why there is none. */
export type FromThread = Result<string, QuestionFailure | { readonly code: 'answer_too_large' }>;
