// Rules about whether the runtime supports checkpoint and restore at all. The specs of other groups require this
// support.
import path from 'node:path';
import { criApi, finding, observedRuntimes } from '../catalogue/sources';
import { UNRESTORABLE } from '../catalogue/unrestorable';
import { checkpointTo } from '../steps/checkpoint';
import { checkpointedCounter, startRestored } from '../steps/restore';
import { counted, expectOk, expectThat } from '../subject/expect';
import { group } from '../subject/spec';

/** Restart counts of the containers that are checkpointed: never restarted, and restarted once. */
const ATTEMPTS = [0, 1];
/** Number of checkpoints, enough to detect a runtime whose dumps fail often. */
const DUMPS = 4;

export const checkpointCapabilitySpecs = group(
  'runtime/checkpoint',
  { level: 'contract', needs: ['runtime', 'checkpoint-attempt'] },
  [
    {
      id: 'works',
      title: 'A running container can be checkpointed, even if its restart count is above zero',
      source: criApi('CheckpointContainer'),
      mutants: { 'runtime-refuses-restarted-container': 'ok' },
      async check({ runtime }) {
        const directory = await runtime.directory();
        for (const attempt of ATTEMPTS) {
          const container = await runtime.started({ attempt });
          const outcome = await checkpointTo(runtime, container, path.join(directory, `${attempt}.tar`));
          const which = attempt === 0 ? 'that was never restarted' : 'that was restarted once';
          expectOk('CheckpointContainer', outcome, `The checkpoint of a running container ${which}`);
        }
      },
    },
    {
      id: 'every-dump-succeeds',
      title: 'Every checkpoint of a running container succeeds',
      level: 'hardening',
      strength: 'should',
      source: finding('dumps-fail'),
      needs: ['checkpoint'],
      mutants: {
        'runtime-fourth-dump-fails': 'dumps',
        'runtime-one-checkpoint-a-second': 'dumps',
        'runtime-stops-container': 'dumps',
      },
      when: 'last',
      async check({ runtime }) {
        const [container, directory] = [await runtime.started(), await runtime.directory()];
        for (let i = 0; i < DUMPS; i++) await runtime.checkpointed(container, path.join(directory, `${i}.tar`));
        const { tried, failures } = runtime.dumps();
        // If an earlier checkpoint has ended the container, later checkpoints fail too.
        const state = failures.length > 0 ? await container.state().catch(() => 'unknown') : '';
        const cause =
          state === 'CONTAINER_EXITED' ? '; an earlier checkpoint has ended the container of this rule' : '';
        expectThat(
          'dumps',
          failures.length === 0,
          'success of every checkpoint of a running container',
          `${failures.length} of the ${counted(tried, 'checkpoint')} that should have succeeded failed, second attempts included, the last one with ${failures.at(-1)}${cause}`,
        );
      },
    },
  ],
);

export const restoreCapabilitySpecs = group(
  'runtime/restore',
  { level: 'observed', strength: 'should', needs: ['runtime', 'checkpoint', 'restore-attempt', 'files', 'log-files'] },
  [
    {
      id: 'works',
      title:
        'A container can be created from a checkpoint archive and started, even if its restart count is above zero',
      source: observedRuntimes('restore-path'),
      mutants: {
        ...UNRESTORABLE,
        'restore-refuses-restarted-container': 'ok',
        'restore-only-once': 'ok',
        'restore-eats-the-archive': 'ok',
      },
      async check(subject) {
        const { runtime } = subject;
        const { location } = await checkpointedCounter(subject);
        for (const attempt of ATTEMPTS) await startRestored(runtime, location, { attempt });
      },
    },
  ],
);
