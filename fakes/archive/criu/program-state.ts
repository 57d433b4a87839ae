// Stores the state of a simulated program in the heap of its process: a marker, the length, the checksum and the bytes
// of the state.
import { createHash } from 'node:crypto';

const MARKER = Buffer.from('ckptest\x01');
const DIGEST_BYTES = 20;
/** Size of everything before the state, in bytes. */
export const STATE_HEAD = MARKER.length + 4 + DIGEST_BYTES;
/** Size of a cache line, bytes. The total length is a multiple of this size. */
const ALIGNMENT = 64;

const digest = (state: Buffer) => createHash('sha1').update(state).digest();

/** Adds the marker, the length and the checksum before a state, and padding after the state. */
export function framedState(state: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(state.length);
  const bytes = STATE_HEAD + state.length;
  const padding = Buffer.alloc((ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT);
  return Buffer.concat([MARKER, length, digest(state), state, padding]);
}

/**
 * Reads the length of a state.
 * @param head the bytes before the state
 * @returns the length, bytes; undefined if the memory does not contain a state
 */
export function stateLength(head: Buffer): number | undefined {
  if (head.length < STATE_HEAD || !head.subarray(0, MARKER.length).equals(MARKER)) return undefined;
  return head.readUInt32LE(MARKER.length);
}

/** Returns whether the checksum of a state equals the checksum before it. */
export function hasValidChecksum(head: Buffer, state: Buffer): boolean {
  return digest(state).equals(head.subarray(MARKER.length + 4, STATE_HEAD));
}
