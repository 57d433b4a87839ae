// What the processes of one container share: files, environment, process numbers.

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

export class Machine {
  readonly workingDirectory: string;
  readonly #environment: () => readonly string[];
  #lastPid = 1;
  #files: Map<string, string> | undefined;

  /** The environment (`NAME=value`) is asked for when it is needed, since few containers ever look at theirs. */
  constructor(environment: () => readonly string[] = () => [], workingDirectory = '/') {
    this.#environment = environment;
    this.workingDirectory = workingDirectory;
  }

  /** What was written, by absolute path; the image's own files are not simulated. */
  get files(): Map<string, string> {
    this.#files ??= new Map();
    return this.#files;
  }

  get environment(): readonly string[] {
    return this.#environment();
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
    if (path === '/etc/hostname') return `${this.variable('HOSTNAME') ?? ''}\n`;
    return path === '/dev/null' ? '' : this.files.get(path);
  }

  /** Writes a file, from its beginning or at its end; devices swallow what is written. */
  write(path: string, text: string, append: boolean): void {
    if (path.startsWith('/dev/')) return;
    this.files.set(path, `${append ? (this.files.get(path) ?? '') : ''}${text}`);
  }

  isDirectory(path: string): boolean {
    if (DIRECTORIES.has(path)) return true;
    const start = `${path.replace(/\/$/, '')}/`;
    return [...this.files.keys()].some((file) => file.startsWith(start));
  }
}
