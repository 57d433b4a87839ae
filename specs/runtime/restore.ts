// Restore: what a checkpoint is for. A container made from the archive goes on where the other one stood still.
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
  startRestored,
  stopAndRemove,
} from '../steps/restore';
import { expectEqual, expectOk, expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { Runtime, TestContainer } from '../subject/subject';

/** Changes its root file system in every way, then says so; a child of its own goes on counting into a file. */
const CHANGES = [
  'echo made > /tmp/made',
  'echo appended >> /etc/passwd',
  'rm /etc/group',
  "sh -c 'j=0; while true; do echo $j >> /tmp/child; j=$((j+1)); sleep 0.05; done' &",
  'while true; do echo ready; sleep 0.05; done',
].join('\n');
const CHANGED = { command: ['/bin/sh', '-c', CHANGES] };

const linesOf = (text: string) => text.split('\n').slice(0, -1);

/** Label `count`: the file that a container holds open has all numbers from 0 on. */
async function expectCompleteCountFile(runtime: Runtime, container: TestContainer): Promise<void> {
  const lines = linesOf((await execOutput(runtime, container, 'cat', COUNT_FILE)).text);
  expectConsecutive(['-1', ...lines], `${COUNT_FILE}, from 0 on,`);
  expectThat('count', lines.length > 0, `numbers in ${COUNT_FILE}`, 'none');
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
        expectThat(
          'log of the first',
          after[0]?.text === before[0]?.text,
          `a log of the checkpointed container that still begins with ${before[0]?.text}`,
          after[0]?.text,
        );
        const newLines = await linesSinceRestore(subject, runtime, await startRestored(runtime, location));
        expectConsecutive(newLines, 'a log of its own');
        const [first = ''] = newLines;
        const [least, most] = [Number(before.at(-1)?.text) + 1, Number(after.at(-1)?.text) + 1];
        expectThat(
          'point',
          Number(first) >= least && Number(first) <= most,
          `a number from ${least} on, which was next when the checkpoint was asked for, to ${most}`,
          first,
        );
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
        expectEqual('written', (await execOutput(runtime, there, 'cat', '/tmp/made')).text, 'made\n');
        const { text } = await execOutput(runtime, there, 'cat', '/etc/passwd');
        expectThat(
          'written',
          /^root:.*\n(.*\n)*appended\n$/.test(text),
          'the file of the image, then "appended"',
          text,
        );
        const { exitCode } = await execOutput(runtime, there, 'cat', '/etc/group');
        expectThat('deleted', exitCode !== 0, 'no /etc/group, which was deleted', 'it is there again');
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
        const later = await subject.until('child', lines, (now) => now.length > length + 2);
        expectConsecutive(['-1', ...later], '/tmp/child, from 0 on,');
      },
    },
    {
      id: 'moves-to-another-runtime',
      title: 'Another runtime that shares nothing with the first can restore a copy of the archive',
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
        // What is not there cannot be moved, and is not restored either.
        await fs.rename(location, moved).catch(() => undefined);
        const newLines = await linesSinceRestore(subject, elsewhere, await startRestored(elsewhere, moved));
        expectConsecutive(newLines, 'a log of its own');
        const least = Number(before.at(-1)?.text) + 1;
        expectThat('point', Number(newLines[0]) >= least, `a number from ${least} on`, newLines[0]);
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
        expectOk(
          'CheckpointContainer',
          await runtime.call('CheckpointContainer', { container_id: first.id, location: again }),
        );
        await stopAndRemove(runtime, first);
        const second = await startRestored(runtime, again);
        await linesSinceRestore(subject, runtime, second);
        await expectCompleteCountFile(runtime, second);
      },
    },
  ],
);
