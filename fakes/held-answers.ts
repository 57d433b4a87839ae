// How a fake kubelet and a fake runtime spare each other the list that both still have: one says which packed answers
// it holds, the other names the one that it would send again.

const FIRST = 0x1f;
const SECOND = 0x8b;
/** In the place of the compression method, of which gzip knows only 8. */
const NO_METHOD = 0xff;
/** Gzip ends with the checksum and the length of what is packed. */
const TRAILER = 8;
const NAME_LENGTH = 3 + TRAILER;

/** Whether a message is gzip, or the name of one: a protobuf message never begins with 1f, a field of wire type 7. */
export const isPacked = (message: Buffer) => message[0] === FIRST && message[1] === SECOND;

/** What a packed answer is called: by what is in it, whatever call it answers. */
export function nameOf(packed: Buffer): Buffer {
  return Buffer.concat([Buffer.from([FIRST, SECOND, NO_METHOD]), packed.subarray(-TRAILER)]);
}

/** Whether a message is the name of a packed answer, and not one. */
export const isName = (message: Buffer) =>
  isPacked(message) && message[2] === NO_METHOD && message.length === NAME_LENGTH;

/** Names as a header has them. */
export const namesText = (names: readonly Buffer[]): string => names.map((name) => name.toString('hex')).join(',');

/** The name of a packed answer where these names have it, else the answer. */
export function namedIfHeld(packed: Buffer, names: string): Buffer {
  if (names === '') return packed;
  const name = nameOf(packed);
  return names.split(',').includes(name.toString('hex')) ? name : packed;
}
