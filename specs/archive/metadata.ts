// What a runtime notes beside CRIU images: which container it was, when, and what it was told to run.
import { type Archive, openArchive } from '../archive-file/reader';
import { recordedArchives } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { anyArchive } from '../steps/any-archive';
import { takeCheckpoint } from '../steps/checkpoint';
import { expectThat } from '../subject/expect';
import { group } from '../subject/spec';

const CONFIG = 'config.dump';
const SPEC = 'spec.dump';

/** A time of `config.dump`, milliseconds since the epoch; label `time` where it is none. */
async function timeOf(archive: Archive, key: string): Promise<number> {
  const text = (await archive.json(CONFIG))[key];
  const time = Date.parse(String(text));
  expectThat('time', !Number.isNaN(time), `a time as ${key} of ${CONFIG}`, text);
  return time;
}

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

async function processOf(archive: Archive): Promise<{ args: readonly string[]; env: readonly string[] }> {
  const { process } = await archive.json(SPEC);
  const { args, env }: { args?: unknown; env?: unknown } = typeof process === 'object' && process ? process : {};
  return { args: strings(args), env: strings(env) };
}

export const metadata = group(
  'archive/metadata',
  { level: 'observed', strength: 'should', needs: ['checkpoint', 'files'] },
  [
    {
      id: 'names-the-container',
      title: 'config.dump has the id of the container: tools list archives by it',
      source: recordedArchives('config.dump'),
      mutants: { ...UNREADABLE, 'archive-without-metadata': 'json', 'archive-of-another-container': 'id' },
      async check(subject) {
        const { location, containerId } = await anyArchive(subject);
        const wanted = await containerId();
        const { id } = await (await openArchive(location)).json(CONFIG);
        expectThat('id', id === wanted, `the id ${wanted}`, id);
      },
    },
    {
      id: 'is-made-after-the-container',
      title: 'By config.dump the checkpoint was made after the container was created',
      source: recordedArchives('config.dump'),
      mutants: { ...UNREADABLE, 'archive-without-metadata': 'json', 'archive-before-its-container': 'time' },
      async check(subject) {
        const archive = await openArchive((await anyArchive(subject)).location);
        const created = await timeOf(archive, 'createdTime');
        const taken = await timeOf(archive, 'checkpointedTime');
        const wanted = `a checkpoint after ${new Date(created).toISOString()}`;
        expectThat('time', taken >= created, wanted, `one at ${new Date(taken).toISOString()}`);
      },
    },
    {
      id: 'second-is-later-than-the-first',
      title: 'Two checkpoints of one container are two whole archives, and the second says that it is later',
      source: recordedArchives('config.dump'),
      mutants: {
        ...UNREADABLE,
        'archive-without-metadata': 'json',
        'archive-time-of-the-first': 'later',
        'runtime-one-checkpoint-a-second': 'ok',
        'runtime-stops-container': 'ok',
      },
      async check(subject) {
        const { location, again } = await anyArchive(subject);
        const second = await again();
        const [before, after] = [await openArchive(location), await openArchive(second)];
        const times = [await timeOf(before, 'checkpointedTime'), await timeOf(after, 'checkpointedTime')] as const;
        expectThat(
          'later',
          times[1] > times[0],
          'a later time in the second archive',
          new Date(times[1]).toISOString(),
        );
      },
    },
    {
      id: 'has-what-runs',
      needs: ['runtime'],
      title: 'spec.dump has the command and the environment that the container was given',
      source: recordedArchives('spec.dump'),
      mutants: { ...UNREADABLE, 'archive-without-metadata': 'json', 'archive-of-another-command': 'command' },
      async check(subject) {
        const command = ['/bin/sh', '-c', 'sleep 1000; true'];
        const { location } = await takeCheckpoint(subject, { command, environment: { CKPTEST: 'kept' } });
        const { args, env } = await processOf(await openArchive(location));
        // What stands in front of it is an entry point of the image.
        const asked = args.slice(-command.length);
        expectThat('command', asked.join('\0') === command.join('\0'), 'the command of the container', 'another');
        expectThat('environment', env.includes('CKPTEST=kept'), 'the variable CKPTEST', 'none, or another value');
      },
    },
  ],
);
