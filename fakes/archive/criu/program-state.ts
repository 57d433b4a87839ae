// The state of a simulated program in the heap of its process: a mark, a length, a checksum, the bytes.
import { createHash } from 'node:crypto';

const MARK = Buffer.from('ckptest\x01');
const DIGEST_BYTES = 20;
/** Bytes in front of the state itself. */
export const STATE_HEAD = MARK.length + 4 + DIGEST_BYTES;
/** What comes behind begins at a cache line's border. */
const ALIGNMENT = 64;

const digest = (state: Buffer) => createHash('sha1').update(state).digest();

export function framedState(state: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(state.length);
  const bytes = STATE_HEAD + state.length;
  const padding = Buffer.alloc((ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT);
  return Buffer.concat([MARK, length, digest(state), state, padding]);
}

/** Length in bytes of the state behind a head; undefined where memory holds something else. */
export function stateLength(head: Buffer): number | undefined {
  if (head.length < STATE_HEAD || !head.subarray(0, MARK.length).equals(MARK)) return undefined;
  return head.readUInt32LE(MARK.length);
}

/** Whether the state is what the head was written for. */
export function isWhole(head: Buffer, state: Buffer): boolean {
  return digest(state).equals(head.subarray(MARK.length + 4, STATE_HEAD));
}
