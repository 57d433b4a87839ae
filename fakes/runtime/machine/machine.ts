// What the processes of one container share: files, environment, process numbers.
import { posix } from 'node:path';
import { NOWHERE, type Surroundings } from './surroundings';
import { UnixSockets } from './unix-sockets';

const DIRECTORIES: ReadonlySet<string> = new Set([
  '/',
  '/bin',
  '/dev',
  '/etc',
  '/home',
  '/proc',
  '/root',
  '/tmp',
  '/usr',
  '/var',
]);

/** What is in `/dev` from the start; anything else there is a file like any other. */
const DEVICES: ReadonlySet<string> = new Set(
  ['console', 'full', 'null', 'ptmx', 'random', 'stderr', 'stdin', 'stdout', 'tty', 'urandom', 'zero'].map(
    (name) => `/dev/${name}`,
  ),
);

const isDevice = (path: string) => DEVICES.has(path) || /^\/dev\/(fd|pts)\//.test(path);

/** The files of an image that a program may look at or delete; of the others nothing is simulated. */
const OF_THE_IMAGE: ReadonlyMap<string, string> = new Map([
  ['/etc/group', 'root:x:0:\n'],
  ['/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'],
]);

/** What a machine has that is taken up where another one stood still. */
export interface MachineState {
  /** By absolute path. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths of the image that are gone. */
  readonly deleted: ReadonlySet<string>;
  /** Absolute paths of folders that were made. */
  readonly directories: ReadonlySet<string>;
  readonly lastPid: number;
}

export class Machine {
  readonly workingDirectory: string;
  /** What they see that is not theirs. */
  readonly around: Surroundings;
  #lastPid = 1;
  #sockets: UnixSockets | undefined;
  #files: Map<string, string> | undefined;
  #deleted: Set<string> | undefined;
  #directories: Set<string> | undefined;

  constructor(around: Surroundings = NOWHERE, workingDirectory = '/', before?: MachineState) {
    this.around = around;
    this.workingDirectory = workingDirectory;
    if (!before) return;
    this.#lastPid = before.lastPid;
    this.#files = new Map(before.files);
    this.#deleted = new Set(before.deleted);
    const directories = [...before.directories].filter((directory) => !DIRECTORIES.has(directory));
    if (directories.length > 0) this.#directories = new Set(directories);
  }

  /** What was written, by absolute path. */
  get files(): ReadonlyMap<string, string> {
    return this.#files ?? NO_FILES;
  }

  /** Absolute paths of the image that are gone. */
  get deleted(): ReadonlySet<string> {
    return this.#deleted ?? NONE;
  }

  /** Absolute paths of folders that were made. */
  get directories(): ReadonlySet<string> {
    return this.#directories ?? NONE;
  }

  get sockets(): UnixSockets {
    this.#sockets ??= new UnixSockets();
    return this.#sockets;
  }

  isSocket(path: string): boolean {
    return this.#sockets?.has(this.absolute(path)) ?? false;
  }

  /** Whether anything has this path. */
  isThere(path: string): boolean {
    return this.read(path) !== undefined || this.isSocket(path) || this.isDirectory(path);
  }

  get environment(): readonly string[] {
    return this.around.environment();
  }

  /** The number of the next process; that of the first is 1 and is not given out. */
  nextPid(): number {
    this.#lastPid += 1;
    return this.#lastPid;
  }

  /** A variable of the environment. */
  variable(name: string): string | undefined {
    return this.environment.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  }

  read(path: string): string | undefined {
    if (path === '/dev/null') return '';
    const file = this.absolute(path);
    return (
      this.files.get(file) ?? this.around.given(file) ?? (this.deleted.has(file) ? undefined : OF_THE_IMAGE.get(file))
    );
  }

  /** Writes a file, from its beginning or at its end; devices swallow what is written. False on a read-only file system. */
  write(path: string, text: string, append: boolean): boolean {
    if (isDevice(path)) return true;
    if (this.around.isReadOnly(path)) return false;
    this.#put(this.absolute(path), `${append ? (this.read(path) ?? '') : ''}${text}`);
    return true;
  }

  /**
   * Writes to a file that is open, at an offset in bytes or at its end. What has been deleted since takes the text along.
   */
  writeOpen(path: string, text: string, at: number | 'end'): void {
    const before = this.files.get(path);
    if (before === undefined || text === '') return;
    if (at === 'end' || at === Buffer.byteLength(before)) {
      this.#put(path, before + text);
      return;
    }
    const [old, added] = [Buffer.from(before), Buffer.from(text)];
    const bytes = Buffer.alloc(Math.max(old.length, at + added.length));
    old.copy(bytes);
    added.copy(bytes, at);
    this.#put(path, bytes.toString());
  }

  /** Whether there was such a file. */
  remove(path: string): boolean {
    const file = this.absolute(path);
    if (this.#sockets?.remove(file)) return true;
    const wasThere = this.read(file) !== undefined;
    this.#files?.delete(file);
    if (wasThere && OF_THE_IMAGE.has(file)) {
      this.#deleted ??= new Set();
      this.#deleted.add(file);
    }
    return wasThere;
  }

  /** Makes a folder, whatever is above it. False on a read-only file system. */
  makeDirectory(directory: string): boolean {
    if (this.around.isReadOnly(directory)) return false;
    this.#directories ??= new Set();
    this.#directories.add(this.#directory(directory));
    return true;
  }

  /** Removes a folder with all that is in it; those of the image are only emptied. */
  removeDirectory(directory: string): void {
    const gone = this.#directory(directory);
    const start = gone === '/' ? gone : `${gone}/`;
    for (const file of [...this.files.keys(), ...OF_THE_IMAGE.keys(), ...(this.#sockets?.paths ?? [])]) {
      if (file.startsWith(start)) this.remove(file);
    }
    for (const made of this.directories) if (made === gone || made.startsWith(start)) this.#directories?.delete(made);
  }

  /** A path from the root on, the same for all names of a file: archives know only one. */
  absolute(path: string): string {
    return path.startsWith('/') ? posix.normalize(path) : posix.resolve(this.workingDirectory, path);
  }

  /** The folder that a path lies in. */
  above(path: string): string {
    return posix.dirname(this.absolute(path));
  }

  /** The names in a folder, sorted; undefined where there is no such folder. */
  names(directory: string): readonly string[] | undefined {
    const asked = this.#directory(directory);
    const mounted = this.around.names(asked);
    if (mounted) return mounted;
    if (!this.isDirectory(asked)) return undefined;
    const start = asked === '/' ? asked : `${asked}/`;
    const files = [
      ...DIRECTORIES,
      ...this.directories,
      ...OF_THE_IMAGE.keys(),
      ...this.files.keys(),
      ...(this.#sockets?.paths ?? []),
    ];
    const below = files.filter((path) => path.startsWith(start) && path !== start && !this.deleted.has(path));
    return [...new Set(below.map((path) => path.slice(start.length).split('/')[0] ?? ''))].sort();
  }

  isDirectory(path: string): boolean {
    const directory = this.#directory(path);
    if (DIRECTORIES.has(directory) || this.directories.has(directory) || this.around.names(directory)) return true;
    const start = `${directory}/`;
    if (`${this.workingDirectory}/`.startsWith(start)) return true;
    return [...this.files.keys()].some((file) => file.startsWith(start));
  }

  /** As `absolute`, without slashes at the end. */
  #directory(path: string): string {
    const absolute = this.absolute(path);
    return absolute.endsWith('/') ? absolute.replace(/\/+$/, '') || '/' : absolute;
  }

  #put(path: string, text: string): void {
    this.#files ??= new Map();
    this.#files.set(path, text);
    this.#deleted?.delete(path);
  }
}

const NO_FILES: ReadonlyMap<string, string> = new Map();
const NONE: ReadonlySet<string> = new Set();
