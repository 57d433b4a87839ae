// The simulated machine that the processes of one container share: files, environment and PIDs.
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

/** The initial content of `/dev`. Anything else there is an ordinary file. */
const DEVICES: ReadonlySet<string> = new Set(
  ['console', 'full', 'null', 'ptmx', 'random', 'stderr', 'stdin', 'stdout', 'tty', 'urandom', 'zero'].map(
    (name) => `/dev/${name}`,
  ),
);

const isDevice = (path: string) => DEVICES.has(path) || /^\/dev\/(fd|pts)\//.test(path);

/** The simulated files of an image, which programs can read or delete. Other files of images are not simulated. */
const IMAGE_FILES: ReadonlyMap<string, string> = new Map([
  ['/etc/group', 'root:x:0:\n'],
  ['/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'],
]);

/** The saved state of a machine, for restore. */
export interface MachineState {
  /** File contents by absolute path. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths of deleted image files. */
  readonly deleted: ReadonlySet<string>;
  /** Absolute paths of created directories. */
  readonly directories: ReadonlySet<string>;
  readonly lastPid: number;
}

/** The simulated machine of one container. */
export class Machine {
  readonly workingDirectory: string;
  /** What the processes can see but cannot change. */
  readonly surroundings: Surroundings;
  #lastPid = 1;
  #sockets: UnixSockets | undefined;
  #files: Map<string, string> | undefined;
  #deleted: Set<string> | undefined;
  #directories: Set<string> | undefined;

  constructor(surroundings: Surroundings = NOWHERE, workingDirectory = '/', before?: MachineState) {
    this.surroundings = surroundings;
    this.workingDirectory = workingDirectory;
    if (!before) return;
    this.#lastPid = before.lastPid;
    this.#files = new Map(before.files);
    this.#deleted = new Set(before.deleted);
    const directories = [...before.directories].filter((directory) => !DIRECTORIES.has(directory));
    if (directories.length > 0) this.#directories = new Set(directories);
  }

  /** The written files: contents by absolute path. */
  get files(): ReadonlyMap<string, string> {
    return this.#files ?? NO_FILES;
  }

  /** Absolute paths of deleted image files. */
  get deleted(): ReadonlySet<string> {
    return this.#deleted ?? NONE;
  }

  /** Absolute paths of created directories. */
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

  /** Returns whether a file, device, directory or socket exists at this path. */
  exists(path: string): boolean {
    return this.read(path) !== undefined || this.isSocket(path) || this.isDirectory(path);
  }

  get environment(): readonly string[] {
    return this.surroundings.environment();
  }

  /** Returns a new PID. The first process always has PID 1. */
  nextPid(): number {
    this.#lastPid += 1;
    return this.#lastPid;
  }

  /** Returns the value of an environment variable. */
  variable(name: string): string | undefined {
    return this.environment.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  }

  /** Returns the text of a file, or undefined if it does not exist. */
  read(path: string): string | undefined {
    if (path === '/dev/null') return '';
    const file = this.absolute(path);
    return (
      this.files.get(file) ??
      this.surroundings.providedFile(file) ??
      (this.deleted.has(file) ? undefined : IMAGE_FILES.get(file))
    );
  }

  /**
   * Writes or appends to a file. Text that is written to a device is discarded.
   * @returns false if the file system is read-only there
   */
  write(path: string, text: string, append: boolean): boolean {
    if (isDevice(path)) return true;
    if (this.surroundings.isReadOnly(path)) return false;
    this.#setFile(this.absolute(path), `${append ? (this.read(path) ?? '') : ''}${text}`);
    return true;
  }

  /** Writes to an open file at an offset in bytes, or at its end. If the file has been deleted, the text is lost. */
  writeOpen(path: string, text: string, at: number | 'end'): void {
    const before = this.files.get(path);
    if (before === undefined || text === '') return;
    if (at === 'end' || at === Buffer.byteLength(before)) {
      this.#setFile(path, before + text);
      return;
    }
    const [old, added] = [Buffer.from(before), Buffer.from(text)];
    const bytes = Buffer.alloc(Math.max(old.length, at + added.length));
    old.copy(bytes);
    added.copy(bytes, at);
    this.#setFile(path, bytes.toString());
  }

  /** Removes a file. Returns whether it existed. */
  remove(path: string): boolean {
    const file = this.absolute(path);
    if (this.#sockets?.remove(file)) return true;
    const existed = this.read(file) !== undefined;
    this.#files?.delete(file);
    if (existed && IMAGE_FILES.has(file)) {
      this.#deleted ??= new Set();
      this.#deleted.add(file);
    }
    return existed;
  }

  /**
   * Creates a directory. The parent directory does not have to exist.
   * @returns false if the file system is read-only there
   */
  makeDirectory(directory: string): boolean {
    if (this.surroundings.isReadOnly(directory)) return false;
    this.#directories ??= new Set();
    this.#directories.add(this.#directory(directory));
    return true;
  }

  /** Removes a directory and its contents. A directory of the image is only emptied. */
  removeDirectory(directory: string): void {
    const removed = this.#directory(directory);
    const start = removed === '/' ? removed : `${removed}/`;
    for (const file of [...this.files.keys(), ...IMAGE_FILES.keys(), ...(this.#sockets?.paths ?? [])]) {
      if (file.startsWith(start)) this.remove(file);
    }
    for (const created of this.directories)
      if (created === removed || created.startsWith(start)) this.#directories?.delete(created);
  }

  /** Returns the normalized absolute path, which identifies a file in an archive. */
  absolute(path: string): string {
    return path.startsWith('/') ? posix.normalize(path) : posix.resolve(this.workingDirectory, path);
  }

  /** Returns the parent directory of a path. */
  parentOf(path: string): string {
    return posix.dirname(this.absolute(path));
  }

  /** Returns the sorted names in a directory, or undefined if the directory does not exist. */
  names(directory: string): readonly string[] | undefined {
    const wanted = this.#directory(directory);
    const mounted = this.surroundings.names(wanted);
    if (mounted) return mounted;
    if (!this.isDirectory(wanted)) return undefined;
    const start = wanted === '/' ? wanted : `${wanted}/`;
    const files = [
      ...DIRECTORIES,
      ...this.directories,
      ...IMAGE_FILES.keys(),
      ...this.files.keys(),
      ...(this.#sockets?.paths ?? []),
    ];
    const below = files.filter((path) => path.startsWith(start) && path !== start && !this.deleted.has(path));
    return [...new Set(below.map((path) => path.slice(start.length).split('/')[0] ?? ''))].sort();
  }

  isDirectory(path: string): boolean {
    const directory = this.#directory(path);
    if (DIRECTORIES.has(directory) || this.directories.has(directory) || this.surroundings.names(directory))
      return true;
    const start = `${directory}/`;
    if (`${this.workingDirectory}/`.startsWith(start)) return true;
    return [...this.files.keys()].some((file) => file.startsWith(start));
  }

  /** Returns the absolute path without slashes at the end. */
  #directory(path: string): string {
    const absolute = this.absolute(path);
    return absolute.endsWith('/') ? absolute.replace(/\/+$/, '') || '/' : absolute;
  }

  #setFile(path: string, text: string): void {
    this.#files ??= new Map();
    this.#files.set(path, text);
    this.#deleted?.delete(path);
  }
}

const NO_FILES: ReadonlyMap<string, string> = new Map();
const NONE: ReadonlySet<string> = new Set();
