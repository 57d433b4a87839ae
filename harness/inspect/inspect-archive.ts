// Puts together what is in an archive and what is wrong with it. Reads only, and holds little at any time.
import { UserError } from '../../fakes/base/user-error';
import { ArchiveFile } from './archive-file';
import { readChanges } from './changes';
import { Contents } from './contents';
import { checkEntries } from './entry-rules';
import { Findings } from './findings';
import { type Inspection, SCHEMA } from './inspection';
import { readArchiveMetadata } from './metadata';
import { readPages } from './pages';
import { readProcesses } from './processes';
import { scanTar } from './tar-scan';

/** Compressed files by their first bytes, with what makes a plain archive of them. */
const COMPRESSED: readonly (readonly [first: string, name: string, command: string])[] = [
  ['1f8b', 'gzip', 'gunzip'],
  ['28b52ffd', 'zstd', 'zstd -d'],
  ['fd377a58', 'xz', 'unxz'],
  ['425a68', 'bzip2', 'bunzip2'],
];

async function refuse(file: ArchiveFile): Promise<never> {
  const first = (await file.bytes(0, 4)).toString('hex');
  const compressed = COMPRESSED.find(([magic]) => first.startsWith(magic));
  if (!compressed) throw new UserError(`${file.path}: it is not a tar archive`);
  const [, name, command] = compressed;
  throw new UserError(`${file.path}: it is compressed (${name}); make a plain tar of it first, with ${command}`);
}

/**
 * Inspects an archive of containerd, CRI-O or Podman.
 *
 * @throws UserError where it cannot be read at all, is no tar, or the signal aborts
 */
export async function inspectArchive(path: string, signal?: AbortSignal): Promise<Inspection> {
  await using file = await ArchiveFile.open(path, signal);
  const findings = new Findings();
  const entries = (await scanTar(file, findings)) ?? (await refuse(file));
  checkEntries(entries, file.mode, findings);
  const contents = new Contents(file, entries, findings);
  await contents.checkMagic();
  const metadata = await readArchiveMetadata(contents);
  const processes = await readProcesses(contents);
  const { pages, blank } = await readPages(contents);
  const changes = await readChanges(contents);
  const dump = (await contents.first('stats-dump', 'stats_entry'))?.dump;
  // Pages of memory that processes share lie in images like those of their own, and are counted by themselves.
  const written = Number(dump?.pages_written ?? 0) + Number(dump?.shpages_written ?? 0);
  if (dump?.pages_written !== undefined && written !== pages)
    findings.add('pages/statistics', `it counts ${written} pages, and ${pages} are there`, 'stats-dump');
  const memory = entries.filter(({ name }) => /^checkpoint\/pages-\d+\.img$/.test(name));
  return {
    schema: SCHEMA,
    file: path,
    ...metadata,
    sizes: {
      archive: file.size,
      entries: entries.length,
      memory: memory.reduce((sum, { size }) => sum + size, 0),
      pages,
      blankPages: blank,
      rootFsDiff: contents.entry('rootfs-diff.tar')?.size ?? 0,
    },
    ...(dump ? { times: { freezing: dump.freezing_time ?? 0, frozen: dump.frozen_time ?? 0 } } : {}),
    processes,
    changes,
    findings: findings.list,
    findingCount: findings.count,
  };
}
