// Rules about the directory of the archive: `checkpoints` below the kubelet's root directory.
import fs from 'node:fs/promises';
import path from 'node:path';
import { observed, sentence } from '../catalogue/sources';
import { archivePath } from '../steps/kubelet-answer';
import { expectEqual, expectStatus, expectThat, modeText } from '../subject/expect';
import { group } from '../subject/spec';

const NEVER_200 = {
  'kubelet-success-is-201': 'status',
  'kubelet-empty-items': 'items',
};

export const archivePlaceSpecs = group(
  'kubelet/archive-place',
  { level: 'documented', needs: ['kubelet', 'checkpoint'] },
  [
    {
      id: 'checkpoints-below-root-directory',
      title: 'The archive is stored in the checkpoints directory below the root directory',
      source: sentence('D13'),
      mutants: {
        ...NEVER_200,
        'kubelet-stores-in-root-directory': 'directory',
        'kubelet-root-directory-ignored': 'directory',
      },
      async check({ node }) {
        const { checkpoint, running, rootDirectory } = await node();
        const answer = await checkpoint(running);
        expectStatus(answer, 200, 'A checkpoint request');
        expectEqual(
          'directory',
          path.dirname(archivePath(answer)),
          path.join(rootDirectory, 'checkpoints'),
          'The directory of the archive',
        );
      },
    },
    {
      id: 'root-directory-moves-it',
      title: 'If the root directory changes, the checkpoints directory moves with it',
      source: sentence('D13'),
      needs: ['kubelet-configuration'],
      mutants: {
        ...NEVER_200,
        'kubelet-stores-in-root-directory': 'directory',
        'kubelet-root-directory-ignored': 'directory',
      },
      async check({ node }) {
        const { checkpoint, running, rootDirectory } = await node({ rootDirectory: 'another' });
        const answer = await checkpoint(running);
        expectStatus(answer, 200, 'A checkpoint request');
        expectEqual(
          'directory',
          path.dirname(archivePath(answer)),
          path.join(rootDirectory, 'checkpoints'),
          'With another root directory, the directory of the archive',
        );
      },
    },
    {
      id: 'directory-is-private',
      title: 'Only its owner may enter the checkpoints directory',
      level: 'observed',
      source: observed('checkpoints directory'),
      needs: ['files'],
      mutants: {
        ...NEVER_200,
        'kubelet-directory-readable-by-all': 'mode',
        'kubelet-stores-in-root-directory': 'directory',
      },
      async check({ node }) {
        const { checkpoint, running, local } = await node();
        const answer = await checkpoint(running);
        expectStatus(answer, 200, 'A checkpoint request');
        const directory = path.dirname(archivePath(answer));
        expectEqual(
          'directory',
          path.basename(directory),
          'checkpoints',
          'The last part of the directory of the archive',
        );
        const mode = (await fs.stat(local(directory))).mode & 0o777;
        const actual = `Other users may enter the checkpoints directory: its mode is ${modeText(mode)}`;
        expectThat('mode', (mode & 0o077) === 0, 'a mode such as 0700', actual);
      },
    },
    {
      id: 'default-is-var-lib-kubelet',
      title: 'A kubelet without a configured root directory stores archives in /var/lib/kubelet/checkpoints',
      source: sentence('D14'),
      needs: ['default-root-directory', 'call-log', 'runtime-faults'],
      mutants: {
        'kubelet-another-default-root': 'directory',
        'kubelet-stores-in-root-directory': 'directory',
      },
      async check({ node }) {
        const { checkpoint, checkpointsDuring, running, whileRuntime } = await node({ rootDirectory: 'default' });
        // Let the runtime refuse, so that the spec writes nothing to this directory.
        const fault = { abort: { code: 'UNAVAILABLE', message: 'made up: not now' } };
        const calls = await checkpointsDuring(() => whileRuntime(fault, () => checkpoint(running)));
        expectEqual(
          'directory',
          path.dirname(calls[0]?.request.location ?? ''),
          '/var/lib/kubelet/checkpoints',
          'Without a configured root directory, the directory in the CheckpointContainer call',
        );
      },
    },
  ],
);
