// Where the members of a recorded archive lie. It is a file of the user's own, so the first thing wrong ends it.
import fs from 'node:fs';

const BLOCK = 512;

/** The file cannot serve as a template; the message says why. */
export class TemplateError extends Error {}

export interface IndexedMember {
  readonly name: string;
  readonly mode: number;
  /** Bytes of content. */
  readonly size: number;
  /** Where the content starts in the file, bytes. */
  readonly offset: number;
}

function octalAt(header: Buffer, offset: number, length: number): number {
  const value = Number.parseInt(
    header
      .toString('latin1', offset, offset + length)
      .replaceAll('\0', ' ')
      .trim() || '0',
    8,
  );
  if (!Number.isSafeInteger(value)) throw new TemplateError('it is not a plain tar');
  return value;
}

const textAt = (header: Buffer, offset: number, length: number) =>
  header.toString('latin1', offset, offset + length).split('\0')[0] ?? '';

/** Files and folders of a plain tar without header extensions, as runtimes write checkpoints. */
export function tarMembers(file: string): IndexedMember[] {
  const handle = fs.openSync(file, 'r');
  try {
    const members: IndexedMember[] = [];
    const header = Buffer.alloc(BLOCK);
    for (let at = 0; ; ) {
      if (fs.readSync(handle, header, 0, BLOCK, at) < BLOCK) throw new TemplateError('it is cut, or not a plain tar');
      if (header.every((byte) => byte === 0)) return members;
      if (textAt(header, 257, 5) !== 'ustar') throw new TemplateError('it is not a plain tar');
      const type = textAt(header, 156, 1) || '0';
      if (type !== '0' && type !== '5')
        throw new TemplateError(`it has a member of type ${type}, which checkpoints lack`);
      const size = type === '5' ? 0 : octalAt(header, 124, 12);
      const prefix = textAt(header, 345, 155);
      const name = (prefix ? `${prefix}/` : '') + textAt(header, 0, 100);
      members.push({ name, mode: octalAt(header, 100, 8) & 0o7777, size, offset: at + BLOCK });
      at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
  } finally {
    fs.closeSync(handle);
  }
}
