import path from 'node:path';
import { criApi } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { checkpointTo, expectCompleteArchive } from '../steps/checkpoint';
import { expectFailed, expectOk, expectStillEmpty } from '../subject/expect';
import { group } from '../subject/spec';
import type { Runtime, Subject, TestContainer } from '../subject/subject';

const FIELD = criApi('CheckpointContainerRequest.container_id');
/** Of 17 containers, at least two have ids that begin with the same hexadecimal digit, because there are 16 digits. */
const MAX_UNLIKE = 17;
const LEFT_OVER = { 'runtime-refusal-leaves-a-file': 'left-over' };

/**
 * Expects that a checkpoint request with an id is refused and writes nothing. If the request is not refused, the
 * failure has the label `code`.
 */
async function refuses({ runtime }: Subject, id: string, what: string): Promise<void> {
  const directory = await runtime.directory();
  const outcome = await checkpointTo(runtime, { id }, path.join(directory, 'refused.tar'));
  expectFailed('CheckpointContainer', outcome, `A checkpoint of ${what}`);
  await expectStillEmpty(directory, `The refused checkpoint of ${what}`);
}

/**
 * Creates containers until two ids begin with the same digit, and returns that digit. Throws Error if this takes too
 * many containers.
 */
async function sharedStart(runtime: Runtime): Promise<string> {
  const seen = new Set<string>();
  let beside: TestContainer | undefined;
  for (let count = 0; count < MAX_UNLIKE * 4; count++) {
    const container = await runtime.started(beside && { beside });
    beside ??= container;
    const first = container.id.slice(0, 1);
    if (seen.has(first)) return first;
    seen.add(first);
  }
  throw new Error('no two container ids begin with the same character');
}

export const containerIdSpecs = group(
  'runtime/container-id',
  { level: 'contract', needs: ['runtime', 'checkpoint', 'files'] },
  [
    {
      id: 'empty-is-refused',
      title: 'A checkpoint request with an empty container id is refused, and nothing is written',
      source: FIELD,
      mutants: { 'runtime-accepts-empty-id': 'code', ...LEFT_OVER },
      check: (subject) => refuses(subject, '', 'a container with an empty id'),
    },
    {
      id: 'ambiguous-start-is-refused',
      title: 'A checkpoint request with an id prefix that several containers share is refused, and nothing is written',
      source: FIELD,
      mutants: { 'runtime-takes-the-first-of-several': 'code', ...LEFT_OVER },
      async check(subject) {
        await refuses(subject, await sharedStart(subject.runtime), 'an id prefix that two containers share');
      },
    },
    {
      id: 'unique-start-is-that-container',
      title: 'A checkpoint request with a unique id prefix is refused, or it writes the archive of that container',
      source: FIELD,
      mutants: { 'runtime-writes-nothing-for-a-start': 'archive', ...UNREADABLE },
      async check({ runtime }) {
        const { id } = await runtime.started();
        const location = path.join(await runtime.directory(), 'start.tar');
        const outcome = await checkpointTo(runtime, { id: id.slice(0, 13) }, location);
        if (outcome.ok) await expectCompleteArchive(location);
      },
    },
    {
      id: 'name-is-refused',
      title: 'A checkpoint request with the name of a container instead of its id is refused',
      source: FIELD,
      mutants: { 'runtime-accepts-names': 'code', 'runtime-accepts-unknown-id': 'code', ...LEFT_OVER },
      async check(subject) {
        const { id } = await subject.runtime.started();
        const outcome = await subject.runtime.call('ContainerStatus', { container_id: id });
        expectOk('ContainerStatus', outcome);
        await refuses(subject, outcome.response.status?.metadata?.name ?? '', 'a container name in place of an id');
      },
    },
    {
      id: 'removed-is-refused',
      title: 'A checkpoint request with the id of a removed container is refused, and nothing is written',
      source: FIELD,
      mutants: { 'runtime-accepts-unknown-id': 'code', ...LEFT_OVER },
      async check(subject) {
        const { id } = await subject.runtime.started();
        expectOk('StopContainer', await subject.runtime.call('StopContainer', { container_id: id }));
        expectOk('RemoveContainer', await subject.runtime.call('RemoveContainer', { container_id: id }));
        await refuses(subject, id, 'a removed container');
      },
    },
  ],
);
