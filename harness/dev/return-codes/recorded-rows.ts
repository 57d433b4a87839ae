// Makes the rows for the recorded calls of containerd and CRI-O.
import fs from 'node:fs';
import path from 'node:path';
import type { CodeRow } from './row';

interface Answer {
  readonly ok?: object;
  readonly code?: string;
  readonly message?: string;
}

interface RecordedCall {
  readonly name: string;
  readonly method?: string;
  readonly answer?: Answer;
  readonly answers?: readonly Answer[];
  readonly created?: readonly (string | { readonly file: string; readonly mode: string })[];
  readonly execAfter?: string;
  readonly fileAfter?: { readonly mode: string; readonly bytes: number };
}

/** Recordings, relative to fakes/deviations/testdata. */
export const RECORDINGS = ['containerd-2.1.9-calls.json', 'cri-o-1.37-calls.json'];

const CIRCUMSTANCES: Readonly<Record<string, string>> = {
  checkpoint: 'a running container',
  'checkpoint-same-location': 'over an existing archive',
  'checkpoint-id-prefix': 'the first characters of an id',
  'checkpoint-unknown-id': 'an unknown id',
  'checkpoint-empty-id': 'an empty id',
  'checkpoint-sandbox-id': 'the id of a sandbox',
  'location-empty': 'an empty location',
  'location-relative': 'a relative location',
  'location-missing-parent': 'the directory of the location does not exist',
  'location-is-directory': 'a directory at the location',
  'location-existing-longer-0644': 'a longer, world-readable file at the location',
  'location-symlink': 'a dangling symbolic link at the location',
  'timeout-negative': 'timeout -5',
  'timeout-1s-field': 'timeout 1',
  'timeout-max': 'the largest timeout',
  'deadline-1ms': "the caller's deadline passes after 1 ms",
  'deadline-20ms': 'after 20 ms',
  'deadline-40ms': 'after 40 ms',
  'deadline-60ms': 'after 60 ms',
  'deadline-20ms-then-again': 'after that, a call without a deadline',
  'three-at-once': 'three concurrent calls for one container',
  'state-created': 'a container that was not started',
  'state-exited': 'a container that has exited',
  'state-removed': 'a container that was removed',
};

/** What a successful call leaves behind. Used for calls whose recording does not show it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'checkpoint-same-location': 'the new archive in place of the old one',
  'location-relative': 'an archive in the working directory of the runtime',
  'location-empty': 'no archive at all',
};

/** Replaces parts that differ in each run, such as ids and times. */
const steady = (text: string) =>
  text
    .replace(/[0-9a-f]{64}/g, '{id}')
    .replaceAll('{DIR}', '')
    .replace(/time=\\?"[^"\\]+\\?"/g, 'time="{time}"')
    .replace(/:\d\d-\d\d-\d{4}-\d\d:\d\d:\d\d/g, ':{time}');

function leftBy({ created = [], execAfter, fileAfter }: RecordedCall): string {
  const files = created.map((one) => (typeof one === 'string' ? one : `${one.file} (mode ${one.mode})`));
  return [
    ...files,
    ...(fileAfter ? [`the file keeps mode ${fileAfter.mode} and ${fileAfter.bytes} bytes`] : []),
    ...(execAfter !== undefined && execAfter !== 'alive' ? ['the container stays frozen'] : []),
  ].join(', ');
}

/**
 * Returns the rows of one recording.
 *
 * @param root directory of the sources
 */
export function recordedRows(root: string, file: string): CodeRow[] {
  const text = fs.readFileSync(path.join(root, 'fakes/deviations/testdata', file), 'utf8');
  const { subject, calls }: { subject: string; calls: readonly RecordedCall[] } = JSON.parse(text);
  return calls.flatMap((call) => {
    const circumstance = CIRCUMSTANCES[call.name];
    if (circumstance === undefined) return [];
    const answers = call.answers ?? (call.answer ? [call.answer] : []);
    const distinct = new Map(
      answers.map(({ ok, code = '', message = '' }) => [
        `${ok ? 'OK' : code} ${steady(message)}`,
        { ok, code, message },
      ]),
    );
    return [...distinct.values()].map(({ ok, code, message }): CodeRow => {
      return {
        runtime: subject,
        circumstance,
        code: ok ? 'OK' : code,
        message: steady(message),
        left: (ok && ELSEWHERE[call.name]) || leftBy(call),
        evidence: 'measured',
      };
    });
  });
}
