import { readdirSync, readFileSync } from 'node:fs';
import { recording } from '../../support/recordings.ts';

/** One request to a real API server and its answer. */
export interface Transcript {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly accept?: string;
    readonly contentType?: string;
    readonly body?: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

/** The transcripts of one API server, in the order in which it was asked. */
export function transcriptsOf(version: 'v1.20.2' | 'v1.36.2'): readonly Transcript[] {
  const folder = recording('kube-apiserver-transcripts', version);
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const text = readFileSync(`${folder}/${file}`, 'utf8');
      return { name: file.replace(/\.json$/, ''), ...(JSON.parse(text) as Omit<Transcript, 'name'>) };
    });
}

/** The events of a watch; one that had a single event is written without a list around it. */
export const eventsOf = ({ response: { body } }: Transcript): readonly Readonly<Record<string, unknown>>[] =>
  (Array.isArray(body) ? body : [body]) as Readonly<Record<string, unknown>>[];
