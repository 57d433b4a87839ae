// Makes the headers of a tar's members: ustar headers, preceded by a PAX header if ustar cannot represent a value
// (POSIX.1-2001). `Header` of the package `tar` cannot make the recorded headers: it ends numbers with a space and a
// NUL ("000700 \0"), but the Go library of all runtimes fills the field with digits ("0000700\0").
import { Pax } from 'tar/pax';

/** Size of a header, bytes. Contents are padded to a multiple of this size. */
export const BLOCK_BYTES = 512;

const TYPES = { file: '0', link: '2', device: '3', directory: '5', pax: 'x' } as const;

/** A member to be written. Its owner is always 0/0, as in the archives of runtimes. */
export interface NewMember {
  /** Name of the member. The name of a directory ends with a slash. */
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly mode: number;
  /** Size of the content in bytes. */
  readonly size: number;
  /** Modification time, seconds since the epoch. */
  readonly mtime: number;
  /** Target of a symbolic link. */
  readonly linkTarget?: string;
  /** Numbers of a character device. */
  readonly device?: readonly [major: number, minor: number];
}

/** The largest number that fits into eleven octal digits: one byte less than 8 GiB. */
const MAX_OCTAL_SIZE = 0o77777777777;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/** Splits a name between the name field and the prefix field. Returns undefined if the name does not fit. */
function ustarName(name: string): [name: string, prefix: string] | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ustar names are ASCII, and NUL ends them
  if (/[^\x01-\x7f]/.test(name)) return undefined;
  if (name.length <= NAME_BYTES) return [name, ''];
  const slash = name.indexOf('/', name.length - NAME_BYTES - 1);
  if (slash <= 0 || slash > PREFIX_BYTES || slash >= name.length - 1) return undefined;
  return [name.slice(slash + 1), name.slice(0, slash)];
}

function octal(block: Buffer, value: number, offset: number, digits: number): void {
  block.write(value.toString(8).padStart(digits, '0'), offset, digits, 'latin1');
}

/** Writes a number in GNU tar's binary form, for readers such as busybox that do not know PAX headers. */
function base256(block: Buffer, value: number, offset: number, bytes: number): void {
  block.writeUInt8(0x80, offset);
  block.writeBigUInt64BE(BigInt(value), offset + bytes - 8);
}

function ustar(member: NewMember, [name, prefix]: readonly [string, string]): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(name, 0, NAME_BYTES, 'latin1');
  octal(block, member.mode, 100, 7);
  octal(block, 0, 108, 7);
  octal(block, 0, 116, 7);
  if (member.size <= MAX_OCTAL_SIZE) octal(block, member.size, 124, 11);
  else base256(block, member.size, 124, 12);
  octal(block, member.mtime, 136, 11);
  block.write(TYPES[member.type], 156, 1, 'latin1');
  block.write(member.linkTarget ?? '', 157, NAME_BYTES);
  block.write('ustar\x0000', 257, 8, 'latin1');
  octal(block, member.device?.[0] ?? 0, 329, 7);
  octal(block, member.device?.[1] ?? 0, 337, 7);
  block.write(prefix, 345, PREFIX_BYTES, 'latin1');
  return sealHeader(block);
}

/**
 * Writes the checksum into a header.
 *
 * @param block the header, which is changed
 * @returns the same header
 */
export function sealHeader(block: Buffer): Buffer {
  // The checksum is computed with spaces in the checksum field.
  block.write(' '.repeat(8), 148, 'latin1');
  let sum = 0;
  for (let i = 0; i < BLOCK_BYTES; i++) sum += block[i] ?? 0;
  octal(block, sum, 148, 6);
  block.write('\0 ', 154, 2, 'latin1');
  return block;
}

const ZEROS = Buffer.alloc(BLOCK_BYTES);

/**
 * Returns the zeros that follow a content, up to the end of its last block.
 *
 * @param size size of the content, bytes
 */
export function padding(size: number): Buffer {
  return ZEROS.subarray(0, (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** The two blocks of zeros that end a tar. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK_BYTES);

/**
 * Makes the header of a member.
 *
 * @returns one block, preceded by a PAX header if the name or the size does not fit into ustar
 */
export function tarHeader(member: NewMember): Buffer {
  const split = ustarName(member.name);
  const isLarge = member.size > MAX_OCTAL_SIZE;
  const printable = [...member.name].filter((character) => character > ' ' && character <= '~').join('');
  const short = split ?? [printable.slice(0, NAME_BYTES - 1) + (member.type === 'directory' ? '/' : ''), ''];
  const header = ustar(member, short);
  if (split && !isLarge) return header;
  const records = new Pax({ ...(!split && { path: member.name }), ...(isLarge && { size: member.size }) }).encodeBody();
  const body = Buffer.from(records);
  const baseName = printable.replace(/\/+$/, '').split('/').pop() ?? '';
  const pax = ustar({ name: '', type: 'pax', mode: 0o644, size: body.length, mtime: member.mtime }, [
    `PaxHeaders.0/${baseName}`.slice(0, NAME_BYTES),
    '',
  ]);
  return Buffer.concat([pax, body, padding(body.length), header]);
}
