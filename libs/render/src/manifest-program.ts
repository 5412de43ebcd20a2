import { parentPort } from 'node:worker_threads';
import { readManifests } from '@flotilla/domain';
import type { ManifestAnswer, ManifestQuestion } from './manifest-reader.js';

/** The other side of `ManifestReader`: reads one file after the other, in a thread of its own. */
parentPort?.on('message', ({ number, file }: ManifestQuestion) => {
  const answer: ManifestAnswer = { number, manifests: readManifests(file) };
  parentPort?.postMessage(answer);
});
