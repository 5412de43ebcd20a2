import { setFlagsFromString } from 'node:v8';

/**
 * Must be loaded before anything else. An agent idles most of its life: small young generations and compact code cost it
 * nothing that is noticed, and save a tenth of its memory (measured: 80 → 72 MiB).
 */
for (const flag of ['--optimize-for-size', '--max-semi-space-size=1', '--semi-space-growth-factor=1']) {
  setFlagsFromString(flag);
}
