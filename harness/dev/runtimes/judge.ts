// Checks an archive with Debian's checkpointctl, which must print the contents of the snapshot.

import { isRecord } from './report';
import type { StartedRuntimeContainer } from './runtime-container';

/** A process of the checkpointed container, with its child processes. */
export interface ExpectedProcess {
  readonly pid: number;
  /** The short name of the process, which the kernel truncates. */
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Thread ids; the first one is the process id. */
  readonly threads: readonly number[];
  /** Size of the process's memory pages, bytes. */
  readonly memoryBytes: number;
  /** Strings that only the memory of this process contains. */
  readonly strings: readonly string[];
  readonly openFiles: readonly { readonly fd: number; readonly path: string; readonly position: number }[];
  readonly listening: readonly { readonly fd: number; readonly port: number }[];
  /** Unix sockets. `path` is empty for a socket that is not bound. */
  readonly unixSockets: readonly { readonly fd: number; readonly path: string; readonly listens: boolean }[];
  readonly children: readonly ExpectedProcess[];
}

/** Returns all processes of a tree, parents first. */
export function allProcesses(process: ExpectedProcess): ExpectedProcess[] {
  return [process, ...process.children.flatMap(allProcesses)];
}

/** The contents of an archive that checkpointctl must print. */
export interface ExpectedArchive {
  readonly containerName: string;
  readonly image: string;
  readonly containerId: string;
  readonly engine: string;
  readonly podName: string;
  readonly podNamespace: string;
  /** Mount points that the pod defines. */
  readonly mountPoints: readonly string[];
  /** Names of all CRIU images in the archive. */
  readonly images: readonly string[];
  /** Size of all pages in `checkpoint/`, bytes. */
  readonly memoryPagesBytes: number;
  /** Size of the file system difference, bytes. */
  readonly rootFsDiffBytes: number;
  readonly processTree: ExpectedProcess;
}

/**
 * Checks one archive.
 *
 * @returns one sentence for each difference
 */
export async function judgeArchive(
  container: StartedRuntimeContainer,
  archivePath: string,
  expected: ExpectedArchive,
): Promise<string[]> {
  const show = await container.exec(['checkpointctl', 'show', archivePath]);
  if (show.exitCode !== 0) {
    return [`checkpointctl show refuses ${archivePath}: ${show.output.trim()}`];
  }
  const inspect = await container.exec(['checkpointctl', 'inspect', '--all', '--format', 'json', archivePath]);
  if (inspect.exitCode !== 0) {
    return [`checkpointctl inspect --all refuses ${archivePath}: ${inspect.output.trim()}`];
  }
  return [...compareShown(show.stdout, expected), ...compareInspected(JSON.parse(inspect.stdout), expected)];
}

/** Compares the table of `checkpointctl show` with the snapshot. */
export function compareShown(table: string, expected: ExpectedArchive): string[] {
  const row = table.split('\n').find((line) => line.startsWith(`${expected.containerName} `));
  if (row === undefined) {
    return [`checkpointctl show has no row of the container ${expected.containerName}.`];
  }
  const fields = [expected.image, expected.containerId.slice(0, 12), expected.engine];
  return fields.filter((word) => !row.includes(word)).map((word) => `checkpointctl show does not print ${word}.`);
}

/** Compares the document of `checkpointctl inspect --all --format json` with the snapshot. */
export function compareInspected(document: unknown, expected: ExpectedArchive): string[] {
  const container: unknown = Array.isArray(document) ? document[0] : undefined;
  if (!isRecord(container)) {
    return ['checkpointctl inspect prints no container.'];
  }
  const sizes = isRecord(container['checkpoint_size']) ? container['checkpoint_size'] : {};
  return [
    ...differs('container_name', container['container_name'], expected.containerName),
    ...differs('image', container['image'], expected.image),
    ...differs('id', container['id'], expected.containerId),
    ...differs('engine', container['engine'], expected.engine),
    ...differs('memory_pages_size', sizes['memory_pages_size'], expected.memoryPagesBytes),
    ...differs('root_fs_diff_size', sizes['root_fs_diff_size'], expected.rootFsDiffBytes),
    ...compareProcess(container['process_tree'], expected.processTree),
    ...compareFiles(container, expected),
  ];
}

function compareProcess(printed: unknown, expected: ExpectedProcess): string[] {
  if (!isRecord(printed)) {
    return [`checkpointctl inspect prints no process ${expected.pid} (${expected.command}).`];
  }
  const children: readonly unknown[] = Array.isArray(printed['children']) ? printed['children'] : [];
  const of = `of process ${expected.pid}`;
  return [
    ...differs(`pid ${of}`, printed['pid'], expected.pid),
    ...differs(`command ${of}`, printed['command'], expected.command),
    // Each argument ends with a zero byte, which checkpointctl prints as a space.
    ...differs(`cmdline ${of}`, printed['cmdline'], expected.arguments.map((argument) => `${argument} `).join('')),
    ...compareEnvironment(of, printed['environment_variables'], expected.environment),
    ...differs(`number of children ${of}`, children.length, expected.children.length),
    // checkpointctl prints child processes in any order.
    ...expected.children.flatMap((child) =>
      compareProcess(
        children.find((one) => isRecord(one) && one['pid'] === child.pid),
        child,
      ),
    ),
  ];
}

const recordsIn = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** Compares open files and sockets by process, and the mounts of the pod. */
function compareFiles(container: Record<string, unknown>, expected: ExpectedArchive): string[] {
  const ofProcess = (list: string, inner: string, pid: number) =>
    recordsIn(recordsIn(container[list]).find((one) => one['pid'] === pid)?.[inner]);
  const destinations = recordsIn(container['mounts']).map(({ destination }) => destination);
  return [
    ...allProcesses(expected.processTree).flatMap(({ pid, openFiles, listening }) => {
      const files = ofProcess('file_descriptors', 'open_files', pid);
      const ports = ofProcess('sockets', 'open_sockets', pid).map(({ data }) => isRecord(data) && data['src_port']);
      return [
        ...openFiles.flatMap(({ fd, path }) => {
          const file = files.find((one) => String(one['fd']).endsWith(` ${fd}`));
          return differs(`file ${fd} of process ${pid}`, file?.['path'], path);
        }),
        ...listening.flatMap(({ port }) =>
          ports.includes(port) ? [] : [`checkpointctl inspect misses port ${port}.`],
        ),
      ];
    }),
    ...expected.mountPoints
      .filter((point) => !destinations.includes(point))
      .map((point) => `checkpointctl inspect misses the mount at ${point}.`),
  ];
}

/** Compares variables. Messages contain only the names, because values may be secrets of the container. */
function compareEnvironment(of: string, printed: unknown, expected: Readonly<Record<string, string>>): string[] {
  const variables = isRecord(printed) ? printed : {};
  const names = new Set([...Object.keys(variables), ...Object.keys(expected)]);
  return [...names]
    .filter((name) => variables[name] !== expected[name])
    .map((name) => `checkpointctl inspect prints another value for the environment variable ${name} ${of}.`);
}

function differs(what: string, printed: unknown, expected: string | number): string[] {
  return printed === expected
    ? []
    : [`checkpointctl inspect prints ${what} as ${JSON.stringify(printed)} instead of ${JSON.stringify(expected)}.`];
}
