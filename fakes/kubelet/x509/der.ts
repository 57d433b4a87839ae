// ASN.1 in DER (ITU-T X.690), as much of it as certificates are made of.

/** One value: its tag, its length, and what it holds. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = [];
  for (let left = content.length; left > 0; left = Math.floor(left / 256)) length.unshift(left % 256);
  const head = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 + length.length, ...length];
  return Buffer.concat([Buffer.from(head), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);

/** A set of one value, which needs no order. */
export const setOf = (part: Uint8Array): Buffer => der(0x31, part);

export const octetString = (...parts: readonly Uint8Array[]): Buffer => der(0x04, ...parts);

export const utf8String = (text: string): Buffer => der(0x0c, Buffer.from(text));

export const truth: Buffer = der(0x01, Buffer.of(0xff));

/** A number that is not negative, given in its bytes. */
export const integer = (bytes: Uint8Array): Buffer =>
  (bytes[0] ?? 0) < 0x80 && bytes.length > 0 ? der(0x02, bytes) : der(0x02, Buffer.of(0), bytes);

/** @param unused bits at the end that do not count */
export const bitString = (bytes: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.of(unused), bytes);

/** What stands in a field of that number, in place of its own tag where it is a plain one. */
export const implicit = (field: number, bytes: Uint8Array): Buffer => der(0x80 + field, bytes);
export const explicit = (field: number, ...parts: readonly Uint8Array[]): Buffer => der(0xa0 + field, ...parts);

/** An object identifier such as `2.5.4.3`. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const groups = [first * 40 + second, ...rest].flatMap((value) => {
    const digits = [value % 128];
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift(0x80 + (left % 128));
    }
    return digits;
  });
  return der(0x06, Buffer.from(groups));
}

/** A point in time before 2050, to the second. */
export const utcTime = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`));
