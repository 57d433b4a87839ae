// Reads a tar, for tests, with the package `tar`, which is independent of the tested code.
import * as tar from 'tar';

/** A member of a tar with its content. */
export interface ReadMember {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly content: Buffer;
}

/** Reads the members of a tar, compressed or not, in their order. Throws an Error if `tar` reports a warning. */
export async function readTar(bytes: Buffer): Promise<ReadMember[]> {
  const members: ReadMember[] = [];
  const warnings: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const parser = tar.list({
      onwarn: (code, message) => warnings.push(`${code} ${message}`),
      onReadEntry: (entry) => {
        const parts: Buffer[] = [];
        entry.on('data', (part) => parts.push(part));
        entry.on('end', () =>
          members.push({
            name: entry.path,
            type: entry.type,
            mode: entry.mode ?? -1,
            size: entry.size,
            mtime: (entry.mtime?.getTime() ?? -1) / 1000,
            content: Buffer.concat(parts),
          }),
        );
      },
    });
    parser.on('end', resolve);
    parser.on('error', reject);
    parser.end(bytes);
  });
  if (warnings.length > 0) throw new Error(warnings.join('\n'));
  return members;
}
