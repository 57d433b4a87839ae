// Prints an inspection as a tree.
import { SEVERITIES, type Severity, spelled } from './findings';
import type { CountedFile, InspectedFile, InspectedProcess, Inspection } from './inspection';

/** A line and the lines below it. */
interface Branch {
  readonly text: string;
  readonly below?: readonly Branch[];
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Formats a size in bytes in the largest unit that is not larger than the size. */
export function size(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const number = power === 0 ? String(bytes) : (bytes / 1024 ** power).toFixed(1);
  return `${number} ${UNITS[power]}`;
}

const line = (text: string, below?: readonly Branch[]): Branch => ({ text, ...(below ? { below } : {}) });
const pairs = (members: object): Branch[] => Object.entries(members).map(([key, value]) => line(`${key}: ${value}`));
const named = (title: string, names: readonly string[]): Branch[] =>
  names.length === 0
    ? []
    : [
        line(
          `${title} (${names.length})`,
          names.map((name) => line(name)),
        ),
      ];

/** Returns the program and the directories of a process, without usual values. */
function programLines({ executable, workingDirectory = '/', rootDirectory = '/' }: InspectedProcess): Branch[] {
  if (executable === undefined) return [];
  const root = rootDirectory === '/' ? '' : `, with the root directory ${rootDirectory}`;
  return [line(`runs ${executable} in ${workingDirectory}${root}`)];
}

/** Describes an open file in a line. */
export function openFileText({ fd, type, name, position, socket, peer, protocol, state }: InspectedFile): string {
  const at = position === undefined || position === '0' ? '' : ` at ${position}`;
  const own = socket === undefined || socket === name ? '' : ` ${socket}`;
  const connected = peer === undefined ? '' : `${own} to ${peer}`;
  const kind = [protocol, state].map((part) => (part === undefined ? '' : ` ${part}`)).join('');
  return `${fd} ${type} ${name}${at}${connected}${kind}`;
}

/** Maximum depth of the tree. Deeper trees are broken or malicious, and their lower processes are listed separately. */
const DEEPEST = 64;

/** Draws processes as trees. Each process is drawn once. */
class ProcessTrees {
  readonly #children = new Map<number, InspectedProcess[]>();
  readonly #drawn = new Set<InspectedProcess>();

  constructor(readonly processes: readonly InspectedProcess[]) {
    for (const process of processes) {
      const siblings = this.#children.get(process.parentPid);
      if (siblings) siblings.push(process);
      else this.#children.set(process.parentPid, [process]);
    }
  }

  all(): Branch[] {
    const pids = new Set(this.processes.map(({ pid }) => pid));
    const roots = this.processes.filter(({ parentPid }) => !pids.has(parentPid));
    const trees = roots.map((root) => this.#branch(root, 0));
    // Also draw processes that are not below a root, because a tree may be broken.
    const rest = this.processes.flatMap((one) => (this.#drawn.has(one) ? [] : [this.#branch(one, DEEPEST)]));
    return [...trees, ...rest];
  }

  #branch(process: InspectedProcess, depth: number): Branch {
    this.#drawn.add(process);
    const { pid, name, threads, memoryBytes, environmentNames, openFiles } = process;
    const below = depth >= DEEPEST ? [] : (this.#children.get(pid) ?? []);
    const more = threads.length > 1 ? `, ${threads.length} threads` : '';
    return line(`${pid} ${name}: ${size(memoryBytes)} of memory${more}`, [
      ...programLines(process),
      ...(environmentNames.length > 0 ? [line(`variables: ${environmentNames.join(', ')}`)] : []),
      ...openFiles.map((file) => line(openFileText(file))),
      ...below.flatMap((child) => (this.#drawn.has(child) ? [] : [this.#branch(child, depth + 1)])),
    ]);
  }
}

function* drawn(branches: readonly Branch[], indent: string): Generator<string> {
  for (const [i, { text, below = [] }] of branches.entries()) {
    const last = i === branches.length - 1;
    yield `${indent}${last ? '└── ' : '├── '}${text}`;
    yield* drawn(below, `${indent}${last ? '    ' : '│   '}`);
  }
}

const countedFile = ({ name, bytes, files }: CountedFile): string =>
  `${name}: ${files === undefined ? '' : `${plural(files, 'file')}, `}${size(bytes)}`;

/** Returns the lines about the contents of a container's archive. */
function contentLines(inspection: Inspection): Branch[] {
  const { sizes, times, mounts, changes, gpuImages, volumes, sharedMemory } = inspection;
  return [
    line('sizes', [
      line(`archive: ${size(sizes.archive)} in ${sizes.members} members`),
      line(`memory: ${size(sizes.memory)} in ${sizes.pages} pages, ${sizes.blankPages} of them blank`),
      line(`changes of the root file system: ${size(sizes.rootFsDiff)}`),
    ]),
    ...(times ? [line(`frozen for ${times.frozen} µs`)] : []),
    line(`processes (${inspection.processes.length})`, new ProcessTrees(inspection.processes).all()),
    ...named('variables of the configuration', inspection.environmentNames),
    ...named(
      'mounts',
      mounts.map(({ destination, type, source, options }) =>
        [destination, type, source, options.join(',')].filter((part) => part !== '').join(' '),
      ),
    ),
    ...named('changed files', changes.changed),
    ...named('deleted files', changes.deleted),
    ...named('memory of GPUs', gpuImages.map(countedFile)),
    ...named('volumes', volumes.map(countedFile)),
    ...(sharedMemory ? [line(countedFile({ ...sharedMemory, name: 'shared memory' }))] : []),
  ];
}

function findingLines({ findings, findingCounts, containers }: Inspection): string[] {
  const nested = containers.reduce((sum, one) => sum + total(one.findingCounts), 0);
  const more = total(findingCounts) - nested - findings.length;
  return [
    ...findings.map(({ id, severity, sentence }) => `  ${severity}: ${sentence} (${id})`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** Yields all lines of an inspection, including those of the archives inside it. */
export function* textLines(inspection: Inspection): Generator<string> {
  const { file, kind, engine, container, containers, compression } = inspection;
  yield spelled(file);
  const isContainer = containers.length === 0 && kind !== 'image' && kind !== 'pod';
  const head = [
    line(`kind: ${kind}${compression === undefined ? '' : `, compressed with ${compression}`}`),
    ...(isContainer ? [line(`engine: ${engine}`)] : []),
    ...(isContainer || kind === 'pod' ? [line(kind === 'pod' ? 'pod' : 'container', pairs(container))] : []),
  ];
  yield* drawn([...head, ...(isContainer ? contentLines(inspection) : [])], '');
  for (const nested of containers) yield* textLines(nested);
  yield `${containers.length > 0 ? `${spelled(file)}: ` : ''}${countLine(inspection.findingCounts)}`;
  yield* findingLines(inspection);
}

const total = (counts: Readonly<Record<Severity, number>>) => SEVERITIES.reduce((sum, one) => sum + counts[one], 0);
const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Describes the number of findings. */
export function countLine(counts: Readonly<Record<Severity, number>>): string {
  const parts = SEVERITIES.filter((one) => counts[one] > 0).map((one) => plural(counts[one], one));
  return parts.length === 0 ? 'no findings' : parts.join(', ');
}
