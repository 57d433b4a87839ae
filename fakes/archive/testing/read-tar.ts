// Reads a tar for tests, through the `tar` package: written apart from the headers that are tested.
import * as tar from 'tar';

export interface ReadMember {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly content: Buffer;
}

/** Members of a tar, compressed or not, in their order. */
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
