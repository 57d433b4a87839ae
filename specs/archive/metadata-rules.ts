// Rules about the metadata that a runtime writes next to CRIU images.
import { type Archive, BadMember } from '../archive-file/reader';
import type { ArchiveFlaw, ArchiveRule } from './archive-rule';

export const CONFIG = 'config.dump';
export const SPEC = 'spec.dump';

/** Makes a rule about the JSON object in a member. A missing or invalid member breaks the rule. */
const ofJson = (member: string, check: (value: Readonly<Record<string, unknown>>) => string | undefined) =>
  async function* flaws(archive: Archive): AsyncGenerator<ArchiveFlaw> {
    let value: Readonly<Record<string, unknown>>;
    try {
      value = await archive.jsonObject(member);
    } catch (error) {
      if (!(error instanceof BadMember)) throw error;
      yield { sentence: error.message, member, label: 'json' };
      return;
    }
    const sentence = check(value);
    if (sentence !== undefined) yield { sentence, member };
  };

function timeFlaw({ createdTime, checkpointedTime }: Readonly<Record<string, unknown>>): string | undefined {
  const [created, taken] = [Date.parse(String(createdTime)), Date.parse(String(checkpointedTime))];
  if (Number.isNaN(created)) return `${CONFIG} has no time as createdTime`;
  if (Number.isNaN(taken)) return `${CONFIG} has no time as checkpointedTime`;
  return taken >= created ? undefined : `by ${CONFIG} the checkpoint was made before the container was created`;
}

function commandFlaw({ process }: Readonly<Record<string, unknown>>): string | undefined {
  const { args }: { args?: unknown } = typeof process === 'object' && process ? process : {};
  return Array.isArray(args) ? undefined : `${SPEC} has no process.args`;
}

export const METADATA_RULES = [
  {
    id: 'archive/metadata/names-the-container',
    label: 'id',
    needsImages: true,
    check: ofJson(CONFIG, ({ id }) =>
      typeof id === 'string' && id !== '' ? undefined : `${CONFIG} has no text as id`,
    ),
  },
  {
    id: 'archive/metadata/is-made-after-the-container',
    label: 'time',
    needsImages: true,
    check: ofJson(CONFIG, timeFlaw),
  },
  { id: 'archive/metadata/has-what-runs', label: 'command', needsImages: true, check: ofJson(SPEC, commandFlaw) },
] as const satisfies readonly ArchiveRule[];
