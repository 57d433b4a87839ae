// Defines names and symbols for statuses, verdicts and durations that several output formats share.
import type { Level } from '../../specs/subject/spec';
import type { Status, Verdict } from '../report/results';

/** The statuses in the order in which they are listed, worst first. */
export const BY_WEIGHT: readonly Status[] = ['fail', 'error', 'known-failure', 'unsupported', 'skipped', 'pass'];

/** Symbols of statuses, distinguishable without color. */
export const MARKS: Readonly<Record<Status, string>> = {
  pass: '✓',
  fail: '✗',
  error: '!',
  unsupported: '○',
  skipped: '–',
  'known-failure': '≈',
};

export const MEANINGS: Readonly<Record<Status, string>> = {
  pass: 'the rule holds',
  fail: 'the target breaks the rule',
  error: 'the suite could not judge the rule',
  unsupported: 'the target does not support it, or it cannot be tried from here',
  skipped: 'excluded, or not run',
  'known-failure': 'the target breaks the rule, and the failure is listed with its reason',
};

export const LEVEL_MEANINGS: Readonly<Record<Level, string>> = {
  documented: 'stated on the page of the Kubelet Checkpoint API',
  contract: 'stated in the CRI API or its enhancement proposal',
  observed: 'seen on real kubelets or runtimes; no text states it',
  hardening: 'no text states it, but users are harmed if it is broken',
};

/** Returns the color of a verdict by its exit status: `good` for 0, `bad` for 1, and `unsure` for 2. */
export const toneOf = ({ exit }: Verdict): 'good' | 'bad' | 'unsure' =>
  exit.status === 0 ? 'good' : exit.status === 1 ? 'bad' : 'unsure';

/** Returns the counts above zero, worst status first. */
export const occurring = (counts: Readonly<Record<Status, number>>): readonly (readonly [Status, number])[] =>
  BY_WEIGHT.filter((status) => counts[status] > 0).map((status) => [status, counts[status]]);

const MS_IN_SECOND = 1000;

/** Formats a duration as `12 ms` or `3.4 s`. */
export const durationText = (ms: number): string =>
  ms < MS_IN_SECOND ? `${ms} ms` : `${(ms / MS_IN_SECOND).toFixed(1)} s`;

/** Number of characters of an id that crictl prints. */
const SHORT_ID = 13;
const LONG_ID = /\b[0-9a-f]{64}\b/g;

/** Shortens the ids of containers, sandboxes and images. */
export const withShortIds = (text: string): string => text.replaceAll(LONG_ID, (id) => `${id.slice(0, SHORT_ID)}...`);
