// Checks the rules that a single archive can break, for specs and for `ckptest inspect`.
import { BrokenImage } from '../archive-file/criu-image';
import { Archive, openArchive } from '../archive-file/reader';
import type { ArchiveSource } from '../archive-file/source';
import { expectThat, Unsupported, Violation } from '../subject/expect';
import type { ArchiveFlaw, ArchiveRule } from './archive-rule';
import { FILE_RULES } from './file-rules';
import { IMAGE_RULES } from './image-rules';
import { METADATA_RULES } from './metadata-rules';

export const ARCHIVE_RULES = [...FILE_RULES, ...IMAGE_RULES, ...METADATA_RULES] as const;
export type ArchiveRuleId = (typeof ARCHIVE_RULES)[number]['id'];

/** A rule that an archive breaks, with a description of the flaw. */
export interface ArchiveFinding extends Pick<ArchiveFlaw, 'sentence' | 'member'> {
  /** The id of the spec with this rule. */
  readonly id: ArchiveRuleId;
}

/** Maximum number of reported flaws per rule. */
const MAX_FLAWS = 1_000;
/** Maximum number of flaws in the message of a failed spec. */
const MAX_SHOWN = 10;

async function* flawsOf(rule: ArchiveRule, archive: Archive, limit: number): AsyncGenerator<ArchiveFlaw> {
  let count = 0;
  for await (const flaw of rule.check(archive)) {
    yield flaw;
    count += 1;
    if (count >= limit) return;
  }
}

/**
 * Checks an archive against all rules for single archives. An unreadable member breaks only the rule about the tar
 * format. The images of a truncated archive are not checked, because some may be in the missing part.
 *
 * @param source the archive, or the source of a file that is not open yet
 */
export async function* checkArchive(source: ArchiveSource | Archive): AsyncGenerator<ArchiveFinding> {
  const archive = source instanceof Archive ? source : await Archive.of(source);
  for (const rule of ARCHIVE_RULES) {
    if ('needsImages' in rule && (!archive.hasImages || archive.isCut)) continue;
    try {
      for await (const { sentence, member } of flawsOf(rule, archive, MAX_FLAWS))
        yield { id: rule.id, sentence, ...(member === undefined ? {} : { member }) };
    } catch (error) {
      if (!(error instanceof BrokenImage || error instanceof Unsupported)) throw error;
    }
  }
}

/**
 * Expects that an archive follows a rule.
 *
 * @param location path of the archive; if the archive is not complete, the failure has the label `archive`
 * @param expected what the rule expects, as a noun phrase
 * @returns the opened archive
 * @throws Violation with the label of the rule, or `criu-image` if an image cannot be read
 * @throws Unsupported if the rule does not apply to the archive
 */
export async function expectRule(id: ArchiveRuleId, expected: string, location: string): Promise<Archive> {
  const archive = await openArchive(location);
  const rule: ArchiveRule | undefined = ARCHIVE_RULES.find((one) => one.id === id);
  if (rule?.needsImages) archive.images();
  const flaws: ArchiveFlaw[] = [];
  try {
    if (rule) for await (const flaw of flawsOf(rule, archive, MAX_SHOWN)) flaws.push(flaw);
  } catch (error) {
    throw error instanceof BrokenImage
      ? new Violation('criu-image', 'CRIU images that can be read', `The archive is wrong: ${error.message}`)
      : error;
  }
  const label = flaws[0]?.label ?? rule?.label ?? 'archive';
  const actual = `The archive is wrong: ${flaws.map(({ sentence }) => sentence).join('; ')}`;
  expectThat(label, flaws.length === 0, expected, actual);
  return archive;
}
