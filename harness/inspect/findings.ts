// What is wrong with an archive: a list that a hostile archive cannot make grow without end.

export const RULES = {
  'tar/header': 'Every header is that of a tar member',
  'tar/truncated': 'The archive is whole',
  'tar/end': 'Two blocks of zeros end the archive',
  'tar/behind-the-end': 'Nothing stands behind the end',
  'tar/too-many-entries': 'The number of entries is that of a checkpoint',
  'mode/archive': 'Only the owner may read the archive',
  'mode/entry': 'No entry has a mode that harms: set-id bits, writable by others, private notes readable by others',
  'name/absolute': 'No entry has an absolute name',
  'name/parent': 'No entry has a name with `..`',
  'name/duplicate': 'No two entries have the same name',
  'link/outside': 'No link points outside of the directory of unpacking',
  'entry/type': 'Entries are files, directories and links',
  'entry/missing': 'What every checkpoint has is there',
  'entry/misplaced': 'What every checkpoint has is where it belongs',
  'json/unreadable': 'Metadata is JSON of the right form',
  'image/magic': 'Every image begins with the magic numbers of its kind',
  'image/unreadable': 'Every image is a row of whole messages of its kind',
  'pages/size': 'The pages that a pagemap lists are the pages that are there',
  'pages/overlap': 'No address of a process is listed twice',
  'pages/blank': 'Memory is not all zeros',
  'pages/statistics': 'The statistics count the pages that are there',
  'size/bomb': 'Compressed content does not grow beyond measure',
} as const;

export type InspectionRule = keyof typeof RULES;

export interface InspectionFinding {
  readonly rule: InspectionRule;
  /** The entry concerned; absent where it is the archive itself. */
  readonly entry?: string;
  readonly message: string;
}

/** More findings than these are only counted. */
const MAX_ITEMS = 200;
const MAX_NAME = 200;

/** Text as a terminal may show it: what controls, hides or turns text is spelled out. */
export function spelled(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return text.replace(/[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** Text of an archive as a terminal may show it, and not too long. */
export function printable(text: string): string {
  // A copy, so that the whole of a long text is not kept for the sake of its beginning.
  return spelled(text.length > MAX_NAME ? `${Buffer.from(text.slice(0, MAX_NAME)).toString()}...` : text);
}

export class Findings {
  readonly list: InspectionFinding[] = [];
  #count = 0;

  /** How many there are, those that are not kept too. */
  get count(): number {
    return this.#count;
  }

  add(rule: InspectionRule, message: string, entry?: string): void {
    const name = entry === undefined ? {} : { entry: printable(entry) };
    const finding: InspectionFinding = { rule, ...name, message: printable(message) };
    if (this.list.some((one) => one.rule === rule && one.entry === finding.entry && one.message === finding.message))
      return;
    this.#count += 1;
    if (this.list.length < MAX_ITEMS) this.list.push(finding);
  }
}
