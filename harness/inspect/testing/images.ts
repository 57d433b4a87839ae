// Makes CRIU images that tests of `inspect` put into archives, and container images that contain archives.
import { createHash } from 'node:crypto';
import { type CriuMagicName, leadingWords } from '../../../proto/criu-magic';
import { type CriuInit, type CriuMessageName, criu } from '../../../proto/load';
import { type ArchiveChange, type ArchivePart, bytesOf } from './rebuild';

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Encodes a message of an image, preceded by its size. */
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

/** Makes a change that adds files to the directory with the images, or replaces them. */
export const withImages =
  (images: Readonly<Record<string, Buffer>>): ArchiveChange =>
  (parts) => {
    const replaced = Object.entries(images).map(
      ([name, content]): ArchivePart => ({ name: `checkpoint/${name}`, type: 'file', mode: 0o600, content }),
    );
    const names = new Set(replaced.map(({ name }) => name));
    return [...parts.filter(({ name }) => !names.has(name)), ...replaced];
  };

export const jsonBytes = (value: object): Buffer => Buffer.from(JSON.stringify(value));

/** Returns the digest that is the name of a blob in an image. */
export const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

const part = (name: string, content: Buffer): ArchivePart => ({ name, type: 'file', mode: 0o600, content });

/** Makes the member of an image that contains a blob. */
export const blobOf = (content: Buffer): ArchivePart => part(`blobs/${digestOf(content).replace(':', '/')}`, content);

/** Returns an OCI image layout with these layers. */
export function imageWith(...layers: readonly Buffer[]): Buffer {
  const manifest = jsonBytes({ layers: layers.map((layer) => ({ mediaType: 'x', digest: digestOf(layer) })) });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  return bytesOf([
    part('oci-layout', jsonBytes({ imageLayoutVersion: '1.0.0' })),
    ...layers.map(blobOf),
    blobOf(manifest),
    part('index.json', jsonBytes({ manifests: [{ mediaType, digest: digestOf(manifest) }] })),
  ]);
}
