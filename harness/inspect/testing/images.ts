// CRIU images that tests of `inspect` put into archives.
import { type CriuMagicName, leadingWords } from '../../../proto/criu-magic';
import { type CriuInit, type CriuMessageName, criu } from '../../../proto/load';
import type { ArchiveChange, ArchivePart } from './rebuild';

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Encodes a message of an image, with its size in front of it. */
export function framed<Name extends CriuMessageName>(name: Name, message: CriuInit<Name>): Buffer {
  const bytes = criu(name).encode(message);
  return Buffer.concat([word(bytes.length), bytes]);
}

/** Makes an image from framed messages. */
export const imageOf = (magic: CriuMagicName, ...messages: readonly Buffer[]): Buffer =>
  Buffer.concat([...leadingWords(magic).map(word), ...messages]);

/** Makes a pagemap. */
export const pagemapWith = (pagesId: number, ...entries: readonly CriuInit<'pagemap_entry'>[]): Buffer =>
  imageOf(
    'PAGEMAP_MAGIC',
    framed('pagemap_head', { pages_id: pagesId }),
    ...entries.map((entry) => framed('pagemap_entry', entry)),
  );

/** Adds files to the directory with the images, or replaces them. */
export const withImages =
  (images: Readonly<Record<string, Buffer>>): ArchiveChange =>
  (parts) => {
    const replaced = Object.entries(images).map(
      ([name, content]): ArchivePart => ({ name: `checkpoint/${name}`, type: 'file', mode: 0o600, content }),
    );
    const names = new Set(replaced.map(({ name }) => name));
    return [...parts.filter(({ name }) => !names.has(name)), ...replaced];
  };
