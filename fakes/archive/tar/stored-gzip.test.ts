// Tests that zlib can read gzip files without compression.

import { gunzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { storedGzip } from './stored-gzip';

it.each([[[1]], [[0, 65535, 0]], [[65536, 3]], [[200_000, 131_070]]])(
  'a gzip file with parts of %p bytes can be decompressed',
  (lengths) => {
    const parts = lengths.map((length) => Buffer.alloc(length, 'content '));
    const { size, content } = storedGzip(parts);
    const bytes = Buffer.isBuffer(content) ? content : Buffer.concat([...content()]);
    expect(bytes).toHaveLength(size);
    expect(gunzipSync(bytes).equals(Buffer.concat(parts))).toBe(true);
  },
);
