// Makes files of xz without compression, for tests.
import { crc32 } from 'node:zlib';

const MAX_CHUNK = 64 * 1024;
/** Flags for a file without a check of its content. */
const FLAGS = Buffer.alloc(2);
/** The filter LZMA2 with a dictionary of 64 KiB. */
const FILTER = [0, 0x21, 1, 8];

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

const checked = (bytes: Buffer) => Buffer.concat([bytes, word(crc32(bytes))]);
const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return Buffer.from([...bytes, left]);
}

/** Makes a file with one block. The content in this block is not compressed. */
export function xzStored(content: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < content.length; at += MAX_CHUNK) {
    const chunk = content.subarray(at, at + MAX_CHUNK);
    const head = Buffer.from([at === 0 ? 1 : 2, 0, 0]);
    head.writeUInt16BE(chunk.length - 1, 1);
    chunks.push(head, chunk);
  }
  const data = Buffer.concat([...chunks, Buffer.from([0])]);
  const header = checked(padded(Buffer.from([2, ...FILTER])));
  const index = checked(
    padded(Buffer.concat([Buffer.from([0, 1]), varint(header.length + data.length), varint(content.length)])),
  );
  const end = Buffer.concat([word(index.length / 4 - 1), FLAGS]);
  return Buffer.concat([
    Buffer.from('fd377a585a00', 'hex'),
    checked(FLAGS),
    padded(Buffer.concat([header, data])),
    index,
    word(crc32(end)),
    end,
    Buffer.from('YZ'),
  ]);
}
