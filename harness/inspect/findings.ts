// Collects the findings of an inspection. The number and the length of findings are limited, because a hostile archive
// could cause any number of findings.
import { type ArchiveRuleId, checkArchive } from '../../specs/archive/check-archive';
import { format } from '../../specs/archive/format';
import { images } from '../../specs/archive/images';
import { members } from '../../specs/archive/members';
import { metadata } from '../../specs/archive/metadata';
import type { Archive } from '../../specs/archive-file/reader';

/**
 * How serious findings are, worst first. `error`: the archive cannot be restored or must not be trusted. `warning`:
 * something is unusual or may cause harm later. `note`: something is worth knowing, but usual in archives of unmodified
 * runtimes.
 */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Findings of `inspect` that no rule of the suite covers. */
export const INSPECT_RULES = {
  'inspect/too-many-members': 'error',
  'inspect/member-name': 'error',
  'inspect/member-type': 'error',
  'inspect/member-mode': 'warning',
  'inspect/compressed': 'note',
  'inspect/image': 'note',
  'inspect/gvisor': 'note',
  'inspect/missing-member': 'error',
  'inspect/misplaced-member': 'error',
  'inspect/unreadable-metadata': 'error',
  'inspect/unreadable-image': 'error',
  'inspect/unreadable-member': 'error',
  'inspect/left-over-image': 'warning',
  'inspect/incomplete-memory': 'error',
  'inspect/pre-checkpoint': 'error',
  'inspect/no-criu-images': 'error',
  'inspect/repeated-process': 'error',
  'inspect/repeated-address': 'error',
  'inspect/blank-memory': 'error',
  'inspect/page-statistics': 'warning',
  'inspect/decompression-bomb': 'error',
} as const satisfies Readonly<Record<string, Severity>>;

type InspectRuleId = keyof typeof INSPECT_RULES;
export type FindingId = ArchiveRuleId | InspectRuleId;

/** A rule that archives of an unmodified runtime break. */
const USUAL = 'archive/members/directories-can-be-entered';

/**
 * The severity of each broken rule of the suite. `error`: the rule's strength is must. `note`: unmodified runtimes
 * break the rule. `warning`: any other rule.
 */
const SUITE: ReadonlyMap<string, Severity> = new Map(
  [...format, ...members, ...images, ...metadata].map(({ id, strength }) => [
    id,
    strength === 'must' ? 'error' : id === USUAL ? 'note' : 'warning',
  ]),
);

export interface InspectionFinding {
  /** The id of the spec with this rule, or `inspect/...`. */
  readonly id: FindingId;
  readonly severity: Severity;
  /** The member of the archive; undefined if the finding concerns the whole archive. */
  readonly member?: string;
  readonly sentence: string;
}

/** Maximum number of findings that are kept. Additional findings are only counted. */
const MAX_FINDINGS = 200;
const MAX_TEXT = 200;

/** Escapes the characters of a text that control, hide or reorder text on a terminal. */
export function spelled(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return text.replace(/[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/**
 * Returns text from an archive in a form that is safe on a terminal.
 *
 * @param limit maximum number of characters
 */
export function printable(text: string, limit = MAX_TEXT): string {
  // Copy the text, because a substring keeps the whole string in memory.
  return spelled(text.length > limit ? `${Buffer.from(text.slice(0, limit)).toString()}...` : text);
}

export class Findings {
  readonly list: InspectionFinding[] = [];
  /** The number of findings, including those that are not kept. */
  readonly counts: Record<Severity, number> = { error: 0, warning: 0, note: 0 };

  add(id: FindingId, sentence: string, member?: string): void {
    const severity = id in INSPECT_RULES ? INSPECT_RULES[id as InspectRuleId] : (SUITE.get(id) ?? 'error');
    const named = member === undefined ? {} : { member: printable(member) };
    const finding: InspectionFinding = { id, severity, ...named, sentence: printable(sentence, 2 * MAX_TEXT) };
    if (this.list.some((one) => one.id === id && one.member === finding.member && one.sentence === finding.sentence))
      return;
    this.counts[severity] += 1;
    if (this.list.length < MAX_FINDINGS) this.list.push(finding);
  }

  /** Adds a finding for each broken rule of the suite. */
  async addRules(archive: Archive, ids = /^/): Promise<void> {
    for await (const { id, sentence, member } of checkArchive(archive))
      if (ids.test(id)) this.add(id, sentence, member);
  }
}
