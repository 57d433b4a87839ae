// Splits recorded archives into parts and builds them again with changes, for tests of defects.
import fs from 'node:fs/promises';
import path from 'node:path';
import { END_OF_ARCHIVE, type NewMember, padding, tarHeader } from '../../../fakes/archive/tar/tar-header';
import { Archive } from '../../../specs/archive-file/reader';
import { readAt } from '../../../specs/archive-file/source';

export type ArchivePart = Omit<NewMember, 'size' | 'mtime'> & { readonly content: Buffer; readonly mtime?: number };
export type ArchiveChange = (parts: ArchivePart[]) => ArchivePart[];

const recorded = (name: string) => path.join(__dirname, '../../../specs/archive/testdata', `${name}-counter.tar`);

export const RECORDED = ['containerd-2.1.9', 'cri-o-1.37'] as const;
export type RecordedName = (typeof RECORDED)[number];

/** Returns the parts of an archive. */
export async function partsIn(file: string): Promise<ArchivePart[]> {
  const archive = await Archive.open(file);
  const parts: ArchivePart[] = [];
  for (const member of archive.members)
    parts.push({
      name: member.name,
      mode: member.mode,
      type: member.type === '5' ? 'directory' : 'file',
      content: await readAt(archive.content(member), 0, member.size),
    });
  return parts;
}

/** Returns the parts of a recorded archive. */
export const partsOf = (name: RecordedName): Promise<ArchivePart[]> => partsIn(recorded(name));

/** Returns the bytes of an archive with these parts. */
export function bytesOf(parts: readonly ArchivePart[]): Buffer {
  const pieces = parts.flatMap(({ content, ...member }) => [
    tarHeader({ mtime: 1_795_434_856, ...member, size: content.length }),
    content,
    padding(content.length),
  ]);
  return Buffer.concat([...pieces, END_OF_ARCHIVE]);
}

/** Writes bytes to a file that only its owner can read. Returns the path of the file. */
export async function writePrivate(directory: string, bytes: Buffer): Promise<string> {
  const file = path.join(directory, 'archive.tar');
  await fs.writeFile(file, bytes, { mode: 0o600 });
  return file;
}

/** Makes a change that replaces the content of one part. */
export function withContent(name: string, change: (content: Buffer) => Buffer): ArchiveChange {
  return (parts) => parts.map((part) => (part.name === name ? { ...part, content: change(part.content) } : part));
}
