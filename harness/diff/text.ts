// Prints the comparison of two runs: the runs, then the changes, worst first.
import { redacted } from '../report/redact';
import type { Report } from '../report/results';
import { type Changes, KINDS, type Kind, type ResultChange } from './compare';

const TITLES: Readonly<Record<Kind, string>> = {
  regressions: 'Regressions',
  fixes: 'Fixes',
  stillFailing: 'Still failing',
  new: 'New',
  gone: 'Gone',
  changed: 'Changed otherwise',
};

const NOT_TRIED = 'not tried';
const WIDEST_CHANGE = 'known-failure -> unsupported'.length;

const oneLine = (text: string) => redacted(text).replaceAll(/\s+/g, ' ');

function changeLines({ id, before, after, reason }: ResultChange): readonly string[] {
  const reasonLines =
    reason === undefined || after === undefined || after === 'pass' ? [] : [`      ${oneLine(reason)}`];
  return [`  ${`${before ?? NOT_TRIED} -> ${after ?? NOT_TRIED}`.padEnd(WIDEST_CHANGE)}  ${id}`, ...reasonLines];
}

const runLine = (name: string, file: string, { run, target, verdict }: Report) =>
  `${name} ${file}: ${oneLine(target.kubelet)} with ${oneLine(target.runtime)}, ${oneLine(run.startedAt)}, ${oneLine(verdict.headline)}`;

/**
 * Returns notes about differences that make the comparison less meaningful: another profile, or a run that ended early.
 */
function cautions(before: Report, after: Report): readonly string[] {
  return [
    ...(before.profile === after.profile
      ? []
      : [`note: the profiles differ: ${oneLine(before.profile)} and ${oneLine(after.profile)}`]),
    ...[before, after]
      .filter(({ run }) => run.brokenOff !== undefined)
      .map(({ run }) => `note: the run of ${oneLine(run.startedAt)} ended early: ${oneLine(run.brokenOff ?? '')}`),
  ];
}

export interface Compared {
  readonly file: string;
  readonly report: Report;
}

export function diffLines(before: Compared, after: Compared, changes: Changes): readonly string[] {
  const shown = KINDS.filter((kind) => changes[kind].length > 0);
  const counts = shown.map((kind) => `${changes[kind].length} ${TITLES[kind].toLowerCase()}`);
  return [
    runLine('before', before.file, before.report),
    runLine('after ', after.file, after.report),
    ...cautions(before.report, after.report),
    ...shown.flatMap((kind) => ['', `${TITLES[kind]}: ${changes[kind].length}`, ...changes[kind].flatMap(changeLines)]),
    '',
    counts.length > 0 ? counts.join(', ') : 'nothing changed',
  ];
}
