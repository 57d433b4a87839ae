// Inspects an archive: collects its contents and its defects. It only reads, with little memory.
import { UserError } from '../../fakes/base/user-error';
import { Archive } from '../../specs/archive-file/reader';
import { readAt } from '../../specs/archive-file/source';
import { ArchiveFile } from './archive-file';
import { readChanges } from './changes';
import { Contents } from './contents';
import { Findings } from './findings';
import { type Inspection, SCHEMA } from './inspection';
import { checkMembers } from './member-findings';
import { readArchiveMetadata } from './metadata';
import { pagesImages } from './pages';
import { readProcesses } from './processes';

/** Compression formats by their first bytes, with the command that decompresses them. */
const COMPRESSED: readonly (readonly [first: string, name: string, command: string])[] = [
  ['1f8b', 'gzip', 'gunzip'],
  ['28b52ffd', 'zstd', 'zstd -d'],
  ['fd377a58', 'xz', 'unxz'],
  ['425a68', 'bzip2', 'bunzip2'],
];

async function refuse(file: ArchiveFile): Promise<never> {
  const first = (await readAt(file, 0, 4)).toString('hex');
  const compressed = COMPRESSED.find(([magic]) => first.startsWith(magic));
  if (!compressed) throw new UserError(`${file.path}: it is not a tar archive`);
  const [, name, command] = compressed;
  throw new UserError(`${file.path}: it is compressed (${name}); make a plain tar of it first, with ${command}`);
}

/**
 * Inspects an archive of containerd, CRI-O or Podman.
 *
 * @param path path of the archive
 * @param signal cancels the inspection if aborted
 * @returns contents and findings
 * @throws UserError if the file cannot be read, is not a tar, or the signal was aborted
 */
export async function inspectArchive(path: string, signal?: AbortSignal): Promise<Inspection> {
  await using file = await ArchiveFile.open(path, signal);
  const archive = await Archive.of(file);
  if (archive.defects.some(({ kind }) => kind === 'not-a-tar')) await refuse(file);
  const findings = new Findings();
  await findings.addRules(archive);
  checkMembers(archive, findings);
  const contents = new Contents(archive, findings);
  const metadata = await readArchiveMetadata(contents);
  const { processes, count } = await readProcesses(contents);
  const changes = await readChanges(contents);
  const dump = (await contents.first('stats-dump', 'stats_entry'))?.dump;
  // Pages that processes share are in separate images, with a separate counter.
  const written = Number(dump?.pages_written ?? 0) + Number(dump?.shpages_written ?? 0);
  if (dump?.pages_written !== undefined && written !== count.pages) {
    const sentence = `stats-dump counts ${written} pages, but the archive has ${count.pages}`;
    findings.add('inspect/page-statistics', sentence, 'stats-dump');
  }
  const memory = pagesImages(archive);
  return {
    schema: SCHEMA,
    file: path,
    ...metadata,
    sizes: {
      archive: file.size,
      members: archive.members.length,
      memory: memory.reduce((sum, { size }) => sum + size, 0),
      pages: count.pages,
      blankPages: count.blank,
      rootFsDiff: contents.member('rootfs-diff.tar')?.size ?? 0,
    },
    ...(dump ? { times: { freezing: dump.freezing_time ?? 0, frozen: dump.frozen_time ?? 0 } } : {}),
    processes,
    changes,
    findings: findings.list,
    findingCounts: findings.counts,
  };
}
