// Rules about restore: a container created from an archive continues where the checkpointed container was paused.
import fs from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '../catalogue/sources';
import { UNRESTORABLE } from '../catalogue/unrestorable';
import {
  COUNT_FILE,
  checkpointedCounter,
  execOutput,
  expectConsecutive,
  linesSinceRestore,
  RESTORE_CALLS,
  startRestored,
  stopAndRemove,
} from '../steps/restore';
import { expectOk, expectThat, show, Violation } from '../subject/expect';
import { group } from '../subject/spec';
import type { Runtime, Subject, TestContainer } from '../subject/subject';

/**
 * A script that creates, appends to and deletes files and then logs lines. Its child process writes increasing numbers
 * to a file.
 */
const CHANGES = [
  'echo made > /tmp/made',
  'echo appended >> /etc/passwd',
  'rm /etc/group',
  "sh -c 'j=0; while true; do echo $j >> /tmp/child; j=$((j+1)); sleep 0.05; done' &",
  'while true; do echo ready; sleep 0.05; done',
].join('\n');
const CHANGED = { command: ['/bin/sh', '-c', CHANGES] };

const linesOf = (text: string) => text.split('\n').slice(0, -1);

/** Expects that the file that a container keeps open contains all numbers from 0. A failure has the label `count`. */
async function expectCompleteCountFile(runtime: Runtime, container: TestContainer): Promise<void> {
  const lines = linesOf((await execOutput(runtime, container, 'cat', COUNT_FILE)).text);
  expectConsecutive(['-1', ...lines], `The file ${COUNT_FILE}, into which the container counts from 0 on,`);
  const actual = `The file ${COUNT_FILE}, into which the container counts, is empty or missing after the restore`;
  expectThat('count', lines.length > 0, 'numbers from before and after the checkpoint', actual, RESTORE_CALLS);
}

/**
 * Restores the archive on the first runtime. Returns a clause that says at which number the restored container
 * continues.
 */
async function restoredHere(subject: Subject, archive: string): Promise<string> {
  try {
    const lines = await linesSinceRestore(subject, subject.runtime, await startRestored(subject.runtime, archive));
    return `restored by the first runtime, it continues at ${lines[0]}`;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return `the first runtime cannot restore the archive: ${error.actual}`;
  }
}

export const restoreSpecs = group(
  'runtime/restore',
  { level: 'documented', needs: ['runtime', 'checkpoint', 'restore', 'files', 'log-files'] },
  [
    {
      id: 'count-goes-on',
      title: 'A restored container continues counting from the point of the checkpoint',
      source: sentence('D4'),
      mutants: {
        ...UNRESTORABLE,
        'restore-starts-again': 'point',
        'restore-skips-numbers': 'point',
        'archive-pages-blank': 'point',
        'restore-stays-frozen': 'progress',
        'runtime-checkpoint-cuts-the-log': 'log of the first',
      },
      async check(subject) {
        const { runtime } = subject;
        const { container, before, location } = await checkpointedCounter(subject);
        const after = await stopAndRemove(runtime, container);
        const [begun, begins] = [before[0]?.text, after[0]?.text];
        const cut = `The checkpoint changed the log of the checkpointed container: it began with ${begun} and now begins with ${begins ?? 'nothing'}`;
        expectThat('log of the first', begins === begun, 'the same first line as before', cut);
        const newLines = await linesSinceRestore(subject, runtime, await startRestored(runtime, location));
        expectConsecutive(newLines, 'The log of the restored container, which counts,');
        const [first = ''] = newLines;
        const [least, most] = [Number(before.at(-1)?.text) + 1, Number(after.at(-1)?.text) + 1];
        const actual =
          Number(first) < least
            ? `The restored container did not continue at the checkpoint: it counts from ${first} again, although it had reached ${least - 1} before the checkpoint`
            : `The restored container continues at ${first}, although it had only reached ${most - 1} when it was stopped`;
        const isNext = Number(first) >= least && Number(first) <= most;
        const expected = least === most ? `${least}` : `a number from ${least} to ${most}`;
        expectThat('point', isNext, expected, actual, RESTORE_CALLS);
      },
    },
    {
      id: 'nothing-is-skipped-or-repeated',
      title: 'A restored container continues writing to its open file, with no gap and no repetition',
      source: sentence('D4'),
      mutants: {
        ...UNRESTORABLE,
        'restore-skips-numbers': 'count',
        'restore-loses-offset': 'count',
        'restore-loses-files': 'count',
        'restore-stays-frozen': 'progress',
      },
      async check(subject) {
        const { runtime } = subject;
        const { container, location } = await checkpointedCounter(subject);
        await stopAndRemove(runtime, container);
        const there = await startRestored(runtime, location);
        await linesSinceRestore(subject, runtime, there);
        await expectCompleteCountFile(runtime, there);
      },
    },
    {
      id: 'files-are-as-they-were',
      title: 'A restored container has the files that were written, appended and deleted before the checkpoint',
      source: sentence('D4'),
      mutants: {
        ...UNRESTORABLE,
        'restore-loses-files': 'written',
        'restore-loses-deletions': 'deleted',
        'restore-stays-frozen': 'ok',
      },
      async check(subject) {
        const { runtime } = subject;
        const { container, location } = await checkpointedCounter(subject, CHANGED);
        await stopAndRemove(runtime, container);
        const there = await startRestored(runtime, location);
        const made = (await execOutput(runtime, there, 'cat', '/tmp/made')).text;
        const lost = `After the restore /tmp/made, which the container had written before the checkpoint, contains ${show(made)}`;
        expectThat('written', made === 'made\n', '"made\\n"', lost, RESTORE_CALLS);
        const { text } = await execOutput(runtime, there, 'cat', '/etc/passwd');
        const isAppended = /^root:.*\n(.*\n)*appended\n$/.test(text);
        const unappended = `After the restore /etc/passwd, to which the container had appended a line before the checkpoint, contains ${show(text)}`;
        expectThat(
          'written',
          isAppended,
          'the file of the image with the line "appended" at its end',
          unappended,
          RESTORE_CALLS,
        );
        const { exitCode } = await execOutput(runtime, there, 'cat', '/etc/group');
        const back =
          'After the restore /etc/group exists again, although the container had deleted it before the checkpoint';
        expectThat('deleted', exitCode !== 0, 'no /etc/group', back, RESTORE_CALLS);
      },
    },
    {
      id: 'children-go-on',
      title: 'The child processes of a container continue after a restore',
      source: sentence('D4'),
      mutants: {
        ...UNRESTORABLE,
        'restore-loses-children': 'child',
        'archive-without-children': 'child',
        'archive-pages-blank': 'count',
        'restore-loses-files': 'count',
        'restore-starts-again': 'count',
        'restore-stays-frozen': 'ok',
      },
      async check(subject) {
        const { runtime } = subject;
        const { container, location } = await checkpointedCounter(subject, CHANGED);
        await stopAndRemove(runtime, container);
        const there = await startRestored(runtime, location);
        const lines = async () => linesOf((await execOutput(runtime, there, 'cat', '/tmp/child')).text);
        const { length } = await lines();
        const later = await subject.until('child', lines, (now) => now.length > length + 2, {
          expected: 'a child process that continues to count',
          actual: (_, seconds) =>
            `${seconds} s after the restore the child process of the container writes nothing to /tmp/child: it was not restored`,
          about: RESTORE_CALLS,
        });
        expectConsecutive(['-1', ...later], 'The file /tmp/child, into which the child process counts from 0 on,');
      },
    },
    {
      id: 'moves-to-another-runtime',
      title: 'Another runtime that shares no state with the first one can restore a copy of the archive',
      source: sentence('D3'),
      needs: ['second-runtime'],
      mutants: {
        ...UNRESTORABLE,
        'restore-only-where-made': 'ok',
        'restore-starts-again': 'point',
        'archive-pages-blank': 'point',
        'restore-stays-frozen': 'progress',
      },
      async check(subject) {
        const { runtime } = subject;
        const { container, before, location } = await checkpointedCounter(subject);
        await stopAndRemove(runtime, container);
        const elsewhere = await subject.elsewhere();
        const moved = path.join(await elsewhere.directory(), 'moved.tar');
        // If there is no archive, the rename fails here and the restore fails below.
        await fs.rename(location, moved).catch(() => undefined);
        const newLines = await linesSinceRestore(subject, elsewhere, await startRestored(elsewhere, moved));
        expectConsecutive(newLines, 'The log of the container that another runtime restored, which counts,');
        const least = Number(before.at(-1)?.text) + 1;
        const continues = Number(newLines[0]) >= least;
        const here = continues ? '' : await restoredHere(subject, moved);
        const actual = `The container that another runtime restored counts from ${newLines[0]} again, although it had reached ${least - 1} before the checkpoint; ${here}`;
        expectThat('point', continues, `a number from ${least} on`, actual, RESTORE_CALLS);
      },
    },
    {
      id: 'can-be-checkpointed-again',
      title: 'A restored container can be checkpointed and restored again',
      source: sentence('D4'),
      mutants: {
        ...UNRESTORABLE,
        'restore-is-final': 'ok',
        'restore-skips-numbers': 'count',
        'restore-loses-offset': 'count',
        'restore-loses-files': 'count',
        'restore-stays-frozen': 'progress',
      },
      async check(subject) {
        const { runtime } = subject;
        const { container, location } = await checkpointedCounter(subject);
        await stopAndRemove(runtime, container);
        const first = await startRestored(runtime, location);
        await linesSinceRestore(subject, runtime, first);
        const again = path.join(await runtime.directory(), 'again.tar');
        const outcome = await runtime.call('CheckpointContainer', { container_id: first.id, location: again });
        expectOk('CheckpointContainer', outcome, 'The checkpoint of a restored container');
        await stopAndRemove(runtime, first);
        const second = await startRestored(runtime, again);
        await linesSinceRestore(subject, runtime, second);
        await expectCompleteCountFile(runtime, second);
      },
    },
  ],
);
