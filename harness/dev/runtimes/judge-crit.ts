// Checks images with CRIU's own tool crit: crit must be able to show each image, with the contents of the snapshot.
import { allProcesses, type ExpectedArchive, type ExpectedProcess } from './judge';
import { isRecord } from './report';
import type { StartedRuntimeContainer } from './runtime-container';

/**
 * A script that unpacks an archive and prints a line for each image that crit can read: its name, a tab, and the output
 * of crit.
 */
const SHOW_ALL = `set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
tar -xf "$1" -C "$directory" --delay-directory-restore --no-same-permissions
cd "$directory"
for image in checkpoint/*.img stats-dump; do
  case $image in checkpoint/pages-* | *.tar.gz.img) continue ;; esac
  printf '%s\\t' "$image"
  crit show "$image" | tr -d '\\n'
  echo
done`;
const RAW = /^checkpoint\/pages-\d+\.img$|\.tar\.gz\.img$/;
const PAGE = 4096;

type Entries = readonly Record<string, unknown>[];

/** Parses the lines that `SHOW_ALL` prints: the entries of each image, by name. */
export function parseShown(output: string): Map<string, Entries> {
  const images = new Map<string, Entries>();
  for (const line of output.split('\n')) {
    const [name, json] = line.split('\t');
    if (name === undefined || json === undefined || json === '') continue;
    const document: unknown = JSON.parse(json);
    const entries: unknown = isRecord(document) ? document['entries'] : undefined;
    if (Array.isArray(entries)) images.set(name, entries.filter(isRecord));
  }
  return images;
}

/** Compares the output of crit with the snapshot. */
export function compareImages(images: ReadonlyMap<string, Entries>, expected: ExpectedArchive): string[] {
  const unshown = expected.images.filter((name) => !RAW.test(name) && !images.has(name));
  const processes = allProcesses(expected.processTree);
  const written = images.get('stats-dump')?.[0]?.['dump'];
  const pages = isRecord(written) ? written['pages_written'] : undefined;
  return [
    ...unshown.map((name) => `crit show does not show ${name}.`),
    ...differs('pages written', pages, expected.memoryPagesBytes / PAGE),
    ...differs(
      'processes',
      images.get('checkpoint/pstree.img')?.map(({ pid, ppid, threads }) => [pid, ppid, threads]),
      processes.map((process) => [process.pid, parentOf(process, processes), process.threads]),
    ),
    ...processes.flatMap((process) => compareProcess(images, process)),
  ];
}

function parentOf({ pid }: ExpectedProcess, all: readonly ExpectedProcess[]): number {
  return all.find(({ children }) => children.some((child) => child.pid === pid))?.pid ?? 0;
}

function compareProcess(images: ReadonlyMap<string, Entries>, process: ExpectedProcess): string[] {
  const { pid, threads, command } = process;
  const first = (name: string) => images.get(`checkpoint/${name}.img`)?.[0] ?? {};
  const part = (name: string, key: string) => {
    const value = first(name)[key];
    return isRecord(value) ? value : {};
  };
  const mm = first(`mm-${pid}`);
  const length = (key: string) => Number(mm[`mm_${key}_end`]) - Number(mm[`mm_${key}_start`]);
  const bytes = (texts: readonly string[]) => texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  const variables = Object.entries(process.environment).map(([name, value]) => `${name}=${value}`);
  const pagemap = images.get(`checkpoint/pagemap-${pid}.img`)?.slice(1) ?? [];
  const mapped = pagemap.reduce((sum, { nr_pages }) => sum + Number(nr_pages), 0);
  return [
    ...differs(`name of process ${pid}`, part(`core-${pid}`, 'tc')['comm'], command),
    ...threads.flatMap((id) => differs(`name of thread ${id}`, part(`core-${id}`, 'thread_core')['comm'], command)),
    ...differs(`length of the arguments of process ${pid}`, length('arg'), bytes(process.arguments)),
    ...differs(`length of the environment of process ${pid}`, length('env'), bytes(variables)),
    ...differs(`bytes mapped in process ${pid}`, mapped * PAGE, process.memoryBytes),
    ...compareFiles(images, process, first(`ids-${pid}`)['files_id']),
  ];
}

function compareFiles(images: ReadonlyMap<string, Entries>, process: ExpectedProcess, table: unknown): string[] {
  const descriptors = images.get(`checkpoint/fdinfo-${table}.img`) ?? [];
  const files = images.get('checkpoint/files.img') ?? [];
  const open = (fd: number) => {
    const id = descriptors.find((one) => one['fd'] === fd)?.['id'];
    return files.find((one) => one['id'] === id) ?? {};
  };
  const of = `of process ${process.pid}`;
  return [
    ...process.openFiles.flatMap(({ fd, path, position }) => {
      const file = open(fd)['reg'];
      return differs(`descriptor ${fd} ${of}`, isRecord(file) && [file['name'], file['pos']], [path, position]);
    }),
    ...process.listening.flatMap(({ fd, port }) => {
      const socket = open(fd)['isk'];
      return differs(`socket ${fd} ${of}`, isRecord(socket) && socket['src_port'], port);
    }),
    ...process.unixSockets.flatMap(({ fd, path, listens }) => {
      const socket = open(fd)['usk'];
      const shown = isRecord(socket) && [socket['name'], socket['state']];
      // crit prints a byte that is not text as `=` followed by two hexadecimal digits.
      return differs(`socket ${fd} ${of}`, shown, [
        path === '' ? '' : `${path}=00`,
        listens ? 'LISTEN' : 'ESTABLISHED',
      ]);
    }),
  ];
}

function differs(what: string, shown: unknown, expected: unknown): string[] {
  const [one, other] = [JSON.stringify(shown), JSON.stringify(expected)];
  return one === other ? [] : [`crit show has ${what} as ${one} instead of ${other}.`];
}

/**
 * Checks the images of an archive with crit.
 *
 * @returns one sentence for each difference
 */
export async function judgeImages(
  container: StartedRuntimeContainer,
  archivePath: string,
  expected: ExpectedArchive,
): Promise<string[]> {
  const shown = await container.exec(['sh', '-c', SHOW_ALL, 'sh', archivePath]);
  if (shown.exitCode !== 0) return [`crit show refuses an image of ${archivePath}: ${shown.output.trim().slice(-300)}`];
  return compareImages(parseShown(shown.stdout), expected);
}
