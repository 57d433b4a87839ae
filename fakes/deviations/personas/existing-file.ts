// What runtimes do to a file that is already at the location of an archive.
import fs from 'node:fs/promises';
import path from 'node:path';
import { asLocationError } from '../../archive/writing/location';

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

/** Where a path leads when links at its end are followed, also to what is not there yet. Throws a LocationError at too many. */
export async function followed(location: string): Promise<string> {
  let place = location;
  for (let links = 0; links < MAX_LINKS; links++) {
    const next = await fs.readlink(place).catch(() => undefined);
    if (next === undefined) return place;
    place = path.resolve(path.dirname(place), next);
  }
  throw asLocationError({ code: 'ELOOP' }, 'open', location);
}

/** Appends to a file what another one has beyond its length. */
export async function copyTail(other: fs.FileHandle, file: string): Promise<void> {
  const found = await fs.stat(file).catch(() => undefined);
  if (!found) return;
  const target = await fs.open(file, 'r+');
  try {
    const piece = Buffer.alloc(1024 * 1024);
    for (let at = found.size; ; ) {
      const { bytesRead } = await other.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return;
      await target.write(piece, 0, bytesRead, at);
      at += bytesRead;
    }
  } finally {
    await target.close();
  }
}
