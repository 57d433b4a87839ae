// Makes the archive for rules about archives. The container is created by the suite, or runs on the kubelet's node.
import path from 'node:path';
import { expectOk, expectStatus } from '../subject/expect';
import type { ContainerOptions, Subject } from '../subject/subject';
import { checkpointTo, takeCheckpoint } from './checkpoint';
import { archivePath } from './kubelet-answer';

/**
 * Time after which an archive gets a different name, milliseconds. The kubelet puts whole seconds into archive names.
 */
const NAME_STEP_MS = 1000;

/** A container and the archive of its checkpoint. */
export interface AnyArchive {
  /** The path of the archive on this machine. */
  readonly location: string;
  /** Returns the id of the container in the runtime. */
  containerId(): Promise<string>;
  /** Checkpoints the container again, into the same directory. Returns the path of the archive. */
  again(): Promise<string>;
}

/**
 * Creates a container and checkpoints it. If the second checkpoint, by `again`, fails, the failure has the label `ok`.
 */
async function archiveOfRuntime(subject: Subject, options: ContainerOptions): Promise<AnyArchive> {
  const { container, location } = await takeCheckpoint(subject, options);
  return {
    location,
    containerId: async () => container.id,
    again: async () => {
      const second = path.join(path.dirname(location), 'second.tar');
      const outcome = await checkpointTo(subject.runtime, container, second);
      expectOk('CheckpointContainer', outcome, 'The second checkpoint of a running container');
      return second;
    },
  };
}

/** Requests a checkpoint of the node's running container. If the request fails, the failure has the label `status`. */
async function archiveOfKubelet({ node, until }: Subject): Promise<AnyArchive> {
  const { checkpoint, running, local, containerId } = await node();
  const take = async () => {
    const answer = await checkpoint(running);
    expectStatus(answer, 200, 'A checkpoint request');
    return local(archivePath(answer));
  };
  const location = await take();
  const takenAt = Date.now();
  return {
    location,
    containerId: () => containerId(running),
    again: async () => {
      const clock = async () => Date.now();
      await until('the next second', clock, (now) => now > takenAt + NAME_STEP_MS, {
        expected: 'a clock that advances',
        actual: (_, seconds) => `The clock of this machine has not advanced by a second in ${seconds} s`,
      });
      return await take();
    },
  };
}

/**
 * Checkpoints a running container and returns its archive.
 *
 * @param options the container, if the suite can create one; otherwise a container of the kubelet is used
 */
export const anyArchive = (subject: Subject, options: ContainerOptions = {}): Promise<AnyArchive> =>
  subject.archivesFrom === 'runtime' ? archiveOfRuntime(subject, options) : archiveOfKubelet(subject);
