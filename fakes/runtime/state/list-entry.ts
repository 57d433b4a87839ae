// Encodes each list entry once. Only the state of an entry can change later. A new state overwrites the old state in
// the encoded bytes.
import { type CriResponseInit, criCall } from '../../../proto/load';
import { unpooledCopy } from './long-lived-bytes';

/** The bytes of an entry with its tag and length, and the position of the state in them. */
export interface ListEntry {
  readonly bytes: Buffer;
  readonly stateAt: number;
}

type ListMethod = 'ListContainers' | 'ListPodSandbox';

/** Field number of `state` in list entries. All fields before it are strings or messages. */
const STATE_FIELDS: Readonly<Record<ListMethod, number>> = { ListContainers: 6, ListPodSandbox: 3 };

/** Decodes a protobuf varint. Returns its value and the position after it. */
function varint(bytes: Buffer, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

/** Encodes a list with one entry. The entry must contain a state. */
export function listEntry<M extends ListMethod>(method: M, list: CriResponseInit<M>): ListEntry {
  const bytes = unpooledCopy(criCall(method).responseSerialize(list));
  // Skip the tag and the length of the entry itself.
  let at = varint(bytes, 1)[1];
  const state = STATE_FIELDS[method] << 3;
  while (bytes[at] !== state) {
    const [length, start] = varint(bytes, at + 1);
    at = start + length;
    if (at >= bytes.length) throw new Error(`an entry of ${method} was encoded without its state`);
  }
  return { bytes, stateAt: at + 1 };
}

/**
 * Overwrites the state in the encoded entry.
 * @param state the new state, a number below 128, so that it has one byte
 */
export function setEntryState({ bytes, stateAt }: ListEntry, state: number): void {
  bytes[stateAt] = state;
}
