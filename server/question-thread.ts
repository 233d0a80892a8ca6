import { parentPort } from 'node:worker_threads';
import { parseManifestText } from './adapters/manifests/manifest-text.ts';
import { clusterFromTexts } from './adapters/manifests/read-cluster.ts';
import { renderPolicy } from './adapters/manifests/render-policy.ts';
import { textDiff } from './adapters/manifests/text-diff.ts';
import { answerThrough } from './adapters/question-thread/thread-side.ts';

/** The thread in which `serve` answers questions about policies, with every adapter in its place. */
if (parentPort !== null) {
  answerThrough(parentPort, {
    read: clusterFromTexts,
    placed: parseManifestText,
    printPolicy: renderPolicy,
    textDiff,
  });
}
