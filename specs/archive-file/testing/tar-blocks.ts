// Makes blocks of tar archives for tests of the reader, independently of the fakes' tar writer.
import type { SeekableSource } from '../source';
import { BLOCK } from '../tar-header';

/** Fields of a header, in the form in which they are stored. */
export interface Fields {
  readonly name?: string;
  readonly type?: string;
  readonly size?: string | Buffer;
  readonly mtime?: Buffer;
  readonly magic?: string;
  readonly prefix?: string;
  readonly linkTarget?: string;
}

/**
 * Makes a header block.
 *
 * @param change called with the block before its checksum is computed
 */
export function header(
  { name = 'a', type = '0', size = '0', mtime, magic = 'ustar\x0000', prefix = '', linkTarget = '' }: Fields,
  change: (block: Buffer) => void = () => {},
): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 'latin1');
  block.write('0000600\0', 100, 'latin1');
  if (typeof size === 'string') block.write(`${size.padStart(11, '0')}\0`, 124, 'latin1');
  else size.copy(block, 124);
  mtime?.copy(block, 136);
  block.write(type, 156, 'latin1');
  block.write(linkTarget, 157, 'latin1');
  block.write(magic, 257, 'latin1');
  block.write(prefix, 345, 'latin1');
  change(block);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Pads a content to a whole number of blocks. */
export const padded = (text: string): Buffer =>
  Buffer.concat([Buffer.from(text), Buffer.alloc((BLOCK - (text.length % BLOCK)) % BLOCK)]);
/** Makes an extension header with its content. */
export const extension = (type: string, content: string): Buffer[] => [
  header({ type, size: content.length.toString(8) }),
  padded(content),
];

/** Returns the source of the bytes in a buffer. */
export const sourceOf = (bytes: Buffer): SeekableSource => ({
  size: bytes.length,
  fill: async (buffer, at) => bytes.copy(buffer, 0, at),
});
