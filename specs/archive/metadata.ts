// Rules about the metadata that a runtime writes next to CRIU images: the container, its command and the time of the
// checkpoint.
import { recordedArchives } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { anyArchive } from '../steps/any-archive';
import { takeCheckpoint } from '../steps/checkpoint';
import { expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';
import { expectRule } from './check-archive';
import { CONFIG, SPEC } from './metadata-rules';

/** Returns the time of a checkpoint in `config.dump`, milliseconds since the epoch. */
async function timeOf(location: string): Promise<number> {
  const archive = await expectRule('archive/metadata/names-the-container', 'an id', location);
  const text = (await archive.jsonObject(CONFIG))['checkpointedTime'];
  const time = Date.parse(String(text));
  expectThat('time', !Number.isNaN(time), 'a time', `The checkpointedTime in ${CONFIG} is ${show(text)}`);
  return time;
}

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

async function processOf(location: string): Promise<{ args: readonly string[]; env: readonly string[] }> {
  const archive = await expectRule('archive/metadata/has-what-runs', 'a list of arguments', location);
  const { process } = await archive.jsonObject(SPEC);
  const { args, env }: { args?: unknown; env?: unknown } = typeof process === 'object' && process ? process : {};
  return { args: strings(args), env: strings(env) };
}

export const metadata = group(
  'archive/metadata',
  { level: 'observed', strength: 'should', needs: ['checkpoint', 'files'] },
  [
    {
      id: 'names-the-container',
      title: 'config.dump contains the id of the container, which tools show',
      source: recordedArchives('config.dump'),
      mutants: { ...UNREADABLE, 'archive-without-metadata': 'json', 'archive-of-another-container': 'id' },
      async check(subject) {
        const { location, containerId } = await anyArchive(subject);
        const wanted = await containerId();
        const archive = await expectRule('archive/metadata/names-the-container', 'an id', location);
        const { id } = await archive.jsonObject(CONFIG);
        expectThat(
          'id',
          id === wanted,
          `the id ${wanted}`,
          `${CONFIG} says that the archive is of the container ${show(id)}`,
        );
      },
    },
    {
      id: 'is-made-after-the-container',
      title: "The checkpoint time in config.dump is after the container's creation time",
      source: recordedArchives('config.dump'),
      mutants: { ...UNREADABLE, 'archive-without-metadata': 'json', 'archive-before-its-container': 'time' },
      async check(subject) {
        const { location } = await anyArchive(subject);
        await expectRule('archive/metadata/is-made-after-the-container', 'a checkpoint after the creation', location);
      },
    },
    {
      id: 'second-is-later-than-the-first',
      title: 'Two checkpoints of one container are two complete archives, and the second has a later time',
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
        const times = [await timeOf(location), await timeOf(second)] as const;
        const [one, two] = times.map((time) => new Date(time).toISOString());
        const actual = `By ${CONFIG} the second of two checkpoints was taken at ${two}, not after the first, which was taken at ${one}`;
        expectThat('later', times[1] > times[0], 'a later time in the second archive', actual);
      },
    },
    {
      id: 'has-what-runs',
      needs: ['runtime'],
      title: 'spec.dump contains the command and the environment of the container',
      source: recordedArchives('spec.dump'),
      mutants: { ...UNREADABLE, 'archive-without-metadata': 'json', 'archive-of-another-command': 'command' },
      async check(subject) {
        const command = ['/bin/sh', '-c', 'while true; do sleep 1000; done'];
        const { location } = await takeCheckpoint(subject, { command, environment: { CKPTEST: 'kept' } });
        const { args, env } = await processOf(location);
        // Arguments before the command are the entry point of the image.
        const asked = args.slice(-command.length);
        const other = `${SPEC} does not have the command of the container, but ${show(asked)}`;
        expectThat('command', asked.join('\0') === command.join('\0'), show(command), other);
        const lost = `${SPEC} does not have the variable CKPTEST with the value that the container was given`;
        expectThat('environment', env.includes('CKPTEST=kept'), 'CKPTEST=kept', lost);
      },
    },
  ],
);
