// Takes a recorded archive apart and puts it together again with changes, for tests of what is wrong with it.
import fs from 'node:fs/promises';
import path from 'node:path';
import { END_OF_ARCHIVE, type NewMember, padding, tarHeader } from '../../../fakes/archive/tar/tar-header';
import { ArchiveFile } from '../archive-file';
import { Findings } from '../findings';
import { scanTar } from '../tar-scan';

export type ArchivePart = Omit<NewMember, 'size' | 'mtime'> & { readonly content: Buffer };
export type ArchiveChange = (parts: ArchivePart[]) => ArchivePart[];

const recorded = (name: string) => path.join(__dirname, '../../../specs/archive/testdata', `${name}-counter.tar`);

export const RECORDED = ['containerd-2.1.9', 'cri-o-1.37'] as const;
export type RecordedName = (typeof RECORDED)[number];

/** The parts of a recorded archive. */
export async function partsOf(name: RecordedName): Promise<ArchivePart[]> {
  await using file = await ArchiveFile.open(recorded(name));
  const parts: ArchivePart[] = [];
  for (const { name: part, type, mode, offset, size } of (await scanTar(file, new Findings())) ?? [])
    parts.push({
      name: part,
      mode,
      type: type === '5' ? 'directory' : 'file',
      content: await file.bytes(offset, size),
    });
  return parts;
}

/** The bytes of an archive of these parts. */
export function bytesOf(parts: readonly ArchivePart[]): Buffer {
  const pieces = parts.flatMap(({ content, ...member }) => [
    tarHeader({ ...member, size: content.length, mtime: 1_795_434_856 }),
    content,
    padding(content.length),
  ]);
  return Buffer.concat([...pieces, END_OF_ARCHIVE]);
}

/** Writes bytes where only the owner may read them; returns the path. */
export async function writePrivate(directory: string, bytes: Buffer): Promise<string> {
  const file = path.join(directory, 'archive.tar');
  await fs.writeFile(file, bytes, { mode: 0o600 });
  return file;
}

/** Replaces the content of one part. */
export function withContent(name: string, change: (content: Buffer) => Buffer): ArchiveChange {
  return (parts) => parts.map((part) => (part.name === name ? { ...part, content: change(part.content) } : part));
}
