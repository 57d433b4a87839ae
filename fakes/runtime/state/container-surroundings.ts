// Provides what the processes of a container see in addition to their own files: environment, user, and the files that
// the runtime mounts.
import path from 'node:path';
import type { ProcessView, Surroundings, User } from '../process/simulation';
import { environment } from './environment';
import { isBelow, mountedNames, mountedText, mountOf } from './mounted-files';
import type { RuntimeSettings } from './settings';
import type { Container } from './store';
import { userOf } from './user';

/** Directories that are writable in every container, even if its root is read-only. */
const WRITABLE_DIRECTORIES = ['/dev', '/proc', '/sys'];

/** Returns the content of /etc/resolv.conf, with its lines in containerd's order. */
function resolvConf({ sandbox }: Container): string {
  const { searches = [], servers = [], options = [] } = sandbox.config.dns_config ?? {};
  const lines = [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The surroundings of a container. Values are computed when they are read, because few containers read them. */
export class ContainerSurroundings implements Surroundings {
  readonly #container: () => Container;
  readonly #settings: RuntimeSettings;

  constructor(container: () => Container, settings: RuntimeSettings) {
    this.#container = container;
    this.#settings = settings;
  }

  environment(): readonly string[] {
    const container = this.#container();
    return container.restored?.environment ?? environment(container, this.#settings);
  }

  #variable(name: string): string {
    const pair = this.environment().find((one) => one.startsWith(`${name}=`));
    return pair?.slice(name.length + 1) ?? '';
  }

  user(): User {
    return userOf(this.#container());
  }

  processes(): readonly ProcessView[] {
    const { workload, execs } = this.#container();
    return [...(workload ? [workload] : []), ...execs].flatMap((one) => one.processes).sort((a, b) => a.pid - b.pid);
  }

  providedFile(file: string): string | undefined {
    if (file === '/etc/resolv.conf') return resolvConf(this.#container());
    if (file === '/etc/hostname') return `${this.#variable('HOSTNAME')}\n`;
    const sysctl = /^\/proc\/sys\/(.+)$/.exec(file)?.[1]?.replaceAll('/', '.');
    if (sysctl !== undefined) {
      const value = this.#container().sandbox.config.linux?.sysctls[sysctl];
      return value === undefined ? undefined : `${value}\n`;
    }
    const pid = /^\/proc\/(\d+)\/cmdline$/.exec(file)?.[1];
    if (pid === undefined) return mountedText(this.#container().config.mounts, file);
    return this.processes()
      .find((one) => one.pid === Number(pid))
      ?.arguments.map((word) => `${word}\0`)
      .join('');
  }

  names(directory: string): readonly string[] | undefined {
    return mountedNames(this.#container().config.mounts, directory);
  }

  isReadOnly(file: string): boolean {
    const { config, machine } = this.#container();
    const absolute = path.resolve(machine.workingDirectory, file);
    const security = config.linux?.security_context;
    const readOnlyPaths = security?.privileged ? [] : (security?.readonly_paths ?? []);
    if (readOnlyPaths.some((directory) => isBelow(absolute, directory))) return true;
    const mount = mountOf(config.mounts, absolute);
    if (mount) return mount.readonly;
    return (
      (security?.readonly_rootfs ?? false) && !WRITABLE_DIRECTORIES.some((directory) => isBelow(absolute, directory))
    );
  }
}
