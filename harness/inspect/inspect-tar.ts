// Inspects a tar: collects its contents and defects, including those of archives inside an image or inside the archive
// of a pod.

import { UserError } from '../../fakes/base/user-error';
import type { CriuMessage } from '../../proto/load';
import { Archive, type LargeMemberListener } from '../../specs/archive-file/reader';
import type { TarMember } from '../../specs/archive-file/tar-walk';
import { readChanges } from './changes';
import { Contents } from './contents';
import { readExtras } from './extras';
import { Findings, SEVERITIES } from './findings';
import { isImageLayout, layersOf } from './image-layout';
import { InnerTars } from './inner-tars';
import { type ArchiveKind, type Inspection, SCHEMA } from './inspection';
import { checkKind, checkMembers } from './member-findings';
import { readArchiveMetadata } from './metadata';
import { EarlyPages, pagesImages } from './pages';
import { type PlainSource, plainSource } from './plain-source';
import { containersOfPod, podIdentity } from './pod-archive';
import { readProcesses } from './processes';

/** Maximum depth of nested archives: a pod, its images, their layers. */
const MAX_DEPTH = 3;

/** Matches members that may be archives: layers of images, and containers of pods. */
const NESTED = /^blobs\/|\.tar(\.(gz|zst))?$/;

type Collected = Omit<Inspection, 'schema' | 'file' | 'compression' | 'findings' | 'findingCounts'>;

const timesOf = (dump: CriuMessage<'dump_stats_entry'>): Inspection['times'] & object => ({
  freezing: dump.freezing_time ?? 0,
  frozen: dump.frozen_time ?? 0,
  memoryDump: dump.memdump_time ?? 0,
  memoryWrite: dump.memwrite_time ?? 0,
});

/** Collects the contents of the archive of a container. */
async function readContainer(
  contents: Contents,
  size: number,
  kind: ArchiveKind,
  pages: EarlyPages,
  tars: InnerTars,
): Promise<Collected> {
  const { archive, findings } = contents;
  const metadata = await readArchiveMetadata(contents);
  const { processes, count } = await readProcesses(contents, pages);
  const changes = await readChanges(contents, tars);
  const extras = await readExtras(contents, tars);
  const dump = (await contents.first('stats-dump', 'stats_entry'))?.dump;
  // Add both counters: pages that processes share are in separate images, with a separate counter.
  const written = Number(dump?.pages_written ?? 0) + Number(dump?.shpages_written ?? 0);
  if (dump?.pages_written !== undefined && written !== count.pages && !archive.isCut) {
    const sentence = `stats-dump counts ${written} pages, but the archive has ${count.pages}`;
    findings.add('inspect/page-statistics', sentence, 'stats-dump');
  }
  return {
    kind,
    ...metadata,
    sizes: {
      archive: size,
      members: archive.members.length,
      memory: pagesImages(archive).reduce((sum, member) => sum + member.size, 0),
      pages: count.pages,
      blankPages: count.blank,
      rootFsDiff: contents.member('rootfs-diff.tar')?.size ?? 0,
    },
    ...(dump && { times: timesOf(dump) }),
    processes,
    changes,
    ...extras,
    containers: [],
  };
}

/** Returns the result for an archive that contains other archives. */
const collection = (
  kind: ArchiveKind,
  archive: Archive,
  size: number,
  containers: readonly Inspection[],
): Collected => ({
  kind,
  engine: 'unknown',
  container: {},
  environmentNames: [],
  mounts: [],
  sizes: { archive: size, members: archive.members.length, memory: 0, pages: 0, blankPages: 0, rootFsDiff: 0 },
  processes: [],
  changes: { changed: [], deleted: [] },
  gpuImages: [],
  volumes: [],
  containers,
});

/**
 * The result for an archive inside another archive: its inspection, or why it cannot be read. Both are missing if the
 * member is not a tar.
 */
interface Nested {
  readonly inspection?: Inspection;
  readonly error?: string;
}

/** Inspects an archive inside another archive. */
async function readNested(archive: Archive, member: TarMember, depth: number, isSlow: boolean): Promise<Nested> {
  const { path } = member;
  try {
    await using plain = await plainSource(archive.content(member), path, { isFile: false, isSlow });
    return { inspection: await inspectTar(plain, path, member.size, depth) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error instanceof NotAnArchive ? {} : { error: error.message };
  }
}

/**
 * Inspects archives inside another archive. If the outer archive is slow to read again, inspects them during the walk
 * through it.
 */
class NestedArchives {
  /** The results by the offset of the member. */
  readonly #early = new Map<number, Nested>();

  constructor(
    readonly depth: number,
    readonly isSlow: boolean,
  ) {}

  async readEarly(archive: Archive, member: TarMember): Promise<void> {
    if (this.depth > MAX_DEPTH || archive.hasImages || !NESTED.test(member.path)) return;
    this.#early.set(member.offset, await readNested(archive, member, this.depth, true));
  }

  /**
   * Returns the inspection of a member; undefined if the member is not a tar or cannot be read. An unreadable member
   * adds a finding.
   */
  async inspect({ archive, findings }: Contents, member: TarMember): Promise<Inspection | undefined> {
    const { offset, path } = member;
    const nested = this.#early.get(offset) ?? (await readNested(archive, member, this.depth, this.isSlow));
    if (nested.error !== undefined) findings.add('inspect/unreadable-member', nested.error, path);
    return nested.inspection;
  }
}

/**
 * Inspects the layers of an image, the last layer first, until a layer is a checkpoint. Adds a finding that the archive
 * is an image.
 */
async function readImage(contents: Contents, size: number, nested: NestedArchives): Promise<Collected> {
  const { archive, findings } = contents;
  for (const layer of await layersOf(archive)) {
    const inspection = await nested.inspect(contents, layer);
    if (!inspection || inspection.kind === 'unknown') continue;
    findings.add('inspect/image', `this is an image; the checkpoint is its layer ${layer.path}`, layer.path);
    return collection('image', archive, size, [inspection]);
  }
  findings.add('inspect/no-criu-images', 'this is an image, but none of its layers is a checkpoint');
  return collection('image', archive, size, []);
}

async function readPod(contents: Contents, members: readonly TarMember[], size: number, nested: NestedArchives) {
  const { archive, findings } = contents;
  const containers: Inspection[] = [];
  for (const member of members) {
    const inspection = await nested.inspect(contents, member);
    if (inspection) containers.push(inspection);
    else findings.add('inspect/unreadable-member', `${member.path} cannot be read as an archive`, member.path);
  }
  const container = await podIdentity(contents);
  return { ...collection('pod', archive, size, containers), container };
}

/** The source is not a tar. */
class NotAnArchive extends UserError {}

/** Returns whether an archive contains only CRIU images, as containerd stores them in images. */
const isImagesOnly = (archive: Archive) => !archive.hasImages && archive.member('inventory.img') !== undefined;

/**
 * Inspects a tar.
 *
 * @param plain the decompressed bytes
 * @param file name of the file in the result and in messages
 * @param size size of the file, which may be compressed, bytes
 * @throws UserError if the source is not a tar
 */
export async function inspectTar(plain: PlainSource, file: string, size: number, depth = 0): Promise<Inspection> {
  const findings = new Findings();
  const pages = new EarlyPages();
  const tars = new InnerTars(findings);
  const nested = new NestedArchives(depth + 1, plain.isSlow);
  const onLarge: LargeMemberListener = async (all, member) => {
    await pages.read(all, member);
    if (!(await tars.readEarly(all, member))) await nested.readEarly(all, member);
  };
  let archive = await Archive.of(plain.source, '', plain.isSlow ? onLarge : undefined);
  if (archive.defects.some(({ kind }) => kind === 'not-a-tar'))
    throw new NotAnArchive(`${file}: it is not a tar archive`);
  const imagesOnly = depth > 0 && isImagesOnly(archive);
  if (imagesOnly) archive = await Archive.of(plain.source, 'checkpoint/');
  const contents = new Contents(archive, findings);
  if (plain.compression !== undefined)
    findings.add(
      'inspect/compressed',
      `it is compressed with ${plain.compression}; containerd and CRI-O restore only plain archives`,
    );
  await findings.addRules(archive, imagesOnly ? /^archive\/images\// : /^/);
  const members = depth < MAX_DEPTH ? containersOfPod(archive) : [];
  let collected: Collected;
  if (depth < MAX_DEPTH && isImageLayout(archive)) collected = await readImage(contents, size, nested);
  else if (members.length > 0) collected = await readPod(contents, members, size, nested);
  else {
    const kind = checkKind(archive, findings);
    if (!imagesOnly) checkMembers(archive, findings);
    collected = await readContainer(contents, size, kind, pages, tars);
  }
  const { counts, list } = findings;
  const all = collected.containers.reduce(
    (sum, { findingCounts }) => {
      for (const severity of SEVERITIES) sum[severity] += findingCounts[severity];
      return sum;
    },
    { ...counts },
  );
  const compression = plain.compression === undefined ? {} : { compression: plain.compression };
  return { schema: SCHEMA, file, ...compression, ...collected, findings: list, findingCounts: all };
}
