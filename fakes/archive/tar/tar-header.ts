// One member's header in a tar: ustar where it fits, a PAX record in front where it does not (POSIX.1-2001).

/** Size of a header and of the unit that contents are padded to, in bytes. */
export const BLOCK = 512;

const TYPES = { file: '0', link: '2', device: '3', directory: '5', pax: 'x' } as const;

/** A member as its header tells it; owner is always 0/0, as runtimes write it. */
export interface TarMember {
  /** A directory ends in a slash. */
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly mode: number;
  /** Bytes of content. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly linkTarget?: string;
  /** Major and minor number of a character device. */
  readonly device?: readonly [major: number, minor: number];
}

/** What eleven octal digits hold: sizes of 8 GiB and more go into a PAX record too. */
const MAX_OCTAL_SIZE = 0o77777777777;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/** Splits a name over the name and prefix fields; undefined where it cannot be held. */
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

/** Numbers too large for octal digits, as GNU tar writes them: for readers that know no PAX records, as busybox. */
function base256(block: Buffer, value: number, offset: number, bytes: number): void {
  block.writeUInt8(0x80, offset);
  block.writeBigUInt64BE(BigInt(value), offset + bytes - 8);
}

function ustar(member: TarMember, [name, prefix]: readonly [string, string]): Buffer {
  const block = Buffer.alloc(BLOCK);
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

/** Writes the checksum of a header into it, and returns it. */
export function sealHeader(block: Buffer): Buffer {
  // The checksum counts its own field as spaces.
  block.write(' '.repeat(8), 148, 'latin1');
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += block[i] ?? 0;
  octal(block, sum, 148, 6);
  block.write('\0 ', 154, 2, 'latin1');
  return block;
}

/** One record: its length in bytes, which counts its own digits, then `key=value` and a newline. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

/** Zeros that fill a content of `size` bytes up to a whole block. */
export function padding(size: number): Buffer {
  return ZEROS.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
}

/** Two blocks of zeros end an archive. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);
const ZEROS = Buffer.alloc(BLOCK);

/** The header blocks of a member, with a PAX header in front where name or size need one. */
export function tarHeader(member: TarMember): Buffer {
  const split = ustarName(member.name);
  const records: Buffer[] = [];
  if (!split) records.push(paxRecord('path', member.name));
  if (member.size > MAX_OCTAL_SIZE) records.push(paxRecord('size', String(member.size)));
  const fallback = [...member.name].filter((character) => character > ' ' && character <= '~').join('');
  const short = split ?? [fallback.slice(0, NAME_BYTES - 1) + (member.type === 'directory' ? '/' : ''), ''];
  const header = ustar(member, short);
  if (records.length === 0) return header;
  const body = Buffer.concat(records);
  const pax = ustar({ name: '', type: 'pax', mode: 0o644, size: body.length, mtime: member.mtime }, [
    `PaxHeaders.0/${fallback.replace(/\/+$/, '').split('/').pop() ?? ''}`.slice(0, NAME_BYTES),
    '',
  ]);
  return Buffer.concat([pax, body, padding(body.length), header]);
}
