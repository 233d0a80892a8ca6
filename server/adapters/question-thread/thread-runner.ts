import { Worker } from 'node:worker_threads';
import type { Edge } from '#core/graph/edge.ts';
import { failed, type Result } from '#core/result.ts';
import type { SeenGround, ServedManifests } from '../../app/policy-questions/ground.ts';
import type { Question } from '../../app/policy-questions/question.ts';
import type { QuestionRefusal, QuestionRunner } from '../../app/ports/question-runner.ts';
import { Turns } from '../../app/turns.ts';
import type { FromThread, ToThread } from './messages.ts';

/** Runs something later, unless the returned function is called first. */
export type Later = (run: () => void, afterMs: number) => () => void;

export interface ThreadRunnerOptions {
  /** The module that the thread runs; it calls `answerThrough`. */
  readonly module: URL;
  /** Manifests the server was started with. */
  readonly served: ServedManifests | undefined;
  /** What is known at this moment. */
  readonly seen: () => SeenGround;
  /** Lets requests, sockets and timers have their turn. */
  readonly breathe: () => Promise<void>;
  readonly later: Later;
}

/** Time and memory of one question; a question that wants more is for the command line, which has no limit. */
export const QUESTION_LIMITS = { ms: 20_000, megabytes: 1024 } as const;

/** Questions that wait while one is answered; others are sent away. */
export const MOST_WAITING = 4;

/** A thread nobody asks anything ends, and gives its memory back. */
const IDLE_MS = 60_000;

/** Copied at once; a piece takes a few milliseconds. */
const PODS_AT_ONCE = 500;
const EDGES_AT_ONCE = 100;

/** Questions that are about who is there, and not about traffic. */
const WITHOUT_TRAFFIC: ReadonlySet<Question['ask']> = new Set(['connections', 'explain', 'lint', 'exposure']);

const NO_MINUTES: Edge['minutes'] = new Map();

type Answer = Result<string, QuestionRefusal>;

/** One thread, and the question it works on. */
class Thread {
  private readonly worker: Worker;
  private settle: ((answer: Answer | Error) => void) | undefined;
  isOver = false;

  constructor(module: URL, served: ServedManifests | undefined) {
    // No environment: the thread needs none, and the token is in it.
    this.worker = new Worker(module, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: QUESTION_LIMITS.megabytes },
    });
    this.worker.on('message', (answer: FromThread) => this.finish(answer));
    this.worker.on('error', (error: Error & { readonly code?: string }) => {
      this.isOver = true;
      this.finish(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? failed({ code: 'question_too_long' }) : error);
    });
    this.worker.on('exit', () => {
      this.isOver = true;
      this.finish(new Error('the thread that answers questions ended'));
    });
    this.worker.unref();
    this.tell({ kind: 'served', served });
  }

  tell(message: ToThread): void {
    this.worker.postMessage(message);
  }

  /** Asks, once everything the question needs was told. */
  ask(message: Extract<ToThread, { kind: 'ask' }>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.settle = (answer) => (answer instanceof Error ? reject(answer) : resolve(answer));
      this.worker.ref();
      this.tell(message);
    });
  }

  /** Ends the thread, whatever it does; a question in it gets this answer. */
  async end(answer: Answer): Promise<void> {
    this.isOver = true;
    this.finish(answer);
    await this.worker.terminate();
  }

  private finish(answer: Answer | Error): void {
    this.worker.unref();
    this.settle?.(answer);
    this.settle = undefined;
  }
}

/** Asks in a thread of its own, which is made for the first question and ended when it idles or takes too long. */
class ThreadRunner implements QuestionRunner {
  private readonly options: ThreadRunnerOptions;
  private readonly turns = new Turns();
  private thread: Thread | undefined;
  private stopIdling: () => void = () => undefined;
  private known = 0;

  constructor(options: ThreadRunnerOptions) {
    this.options = options;
  }

  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    if (this.known > MOST_WAITING) return failed({ code: 'too_many_questions' });
    this.known += 1;
    try {
      return await this.turns.take(() => this.askNow(question, signal));
    } finally {
      this.known -= 1;
    }
  }

  async close(): Promise<void> {
    this.stopIdling();
    await this.thread?.end(failed({ code: 'question_dropped' }));
  }

  private async askNow(question: Question, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) return failed({ code: 'question_dropped' });
    this.stopIdling();
    const thread = this.openThread();
    const end = (code: 'question_too_long' | 'question_dropped'): void => void thread.end(failed({ code }));
    const drop = (): void => end('question_dropped');
    signal.addEventListener('abort', drop, { once: true });
    const stopClock = this.options.later(() => end('question_too_long'), QUESTION_LIMITS.ms);
    try {
      const ground = await this.tellSeen(thread, question);
      if (thread.isOver) return failed({ code: signal.aborted ? 'question_dropped' : 'question_too_long' });
      return await thread.ask({ kind: 'ask', question, ground });
    } catch (error) {
      // What it was told of the question must not meet the next one.
      await thread.end(failed({ code: 'question_dropped' }));
      throw error;
    } finally {
      stopClock();
      signal.removeEventListener('abort', drop);
      this.stopIdling = this.options.later(
        () => void this.thread?.end(failed({ code: 'question_dropped' })),
        IDLE_MS,
      );
    }
  }

  private openThread(): Thread {
    const { module, served } = this.options;
    if (this.thread === undefined || this.thread.isOver) this.thread = new Thread(module, served);
    return this.thread;
  }

  /** Tells the thread who is there and what was seen, piece by piece; returns the rest. */
  private async tellSeen(thread: Thread, { ask }: Question): Promise<SeenGround> {
    const { breathe, seen } = this.options;
    const ground = seen();
    const { pods } = ground.world;
    for (let at = 0; at < pods.length && !thread.isOver; at += PODS_AT_ONCE) {
      thread.tell({ kind: 'pods', pods: pods.slice(at, at + PODS_AT_ONCE) });
      await breathe();
    }
    // Whether there are flows at all shows in the pods, where there are any.
    const told = pods.length > 0 && WITHOUT_TRAFFIC.has(ask) ? [] : ground.edges;
    for (let at = 0; at < told.length && !thread.isOver; at += EDGES_AT_ONCE) {
      const edges = told.slice(at, at + EDGES_AT_ONCE);
      // Minutes are the bulk of an edge, and no question about policies is about them.
      thread.tell({ kind: 'edges', edges: edges.map((edge) => ({ ...edge, minutes: NO_MINUTES })) });
      await breathe();
    }
    return { ...ground, world: { ...ground.world, pods: [] }, edges: [] };
  }
}

/** Answers questions about policies in a thread of its own. */
export const createThreadRunner = (options: ThreadRunnerOptions): QuestionRunner => new ThreadRunner(options);
