// Runs a real CRI runtime in a container, managed by testcontainers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AbstractStartedContainer, GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';

/**
 * Capabilities that nested containers and CRIU need inside a container. Each capability is listed separately, because
 * some machines do not have all of them.
 */
const CAPABILITIES = [
  'AUDIT_CONTROL',
  'AUDIT_READ',
  'DAC_READ_SEARCH',
  'IPC_LOCK',
  'IPC_OWNER',
  'LEASE',
  'LINUX_IMMUTABLE',
  'MKNOD',
  'NET_ADMIN',
  'NET_BROADCAST',
  'SETPCAP',
  'SYSLOG',
  'SYS_ADMIN',
  'SYS_CHROOT',
  'SYS_NICE',
  'SYS_PTRACE',
  'SYS_RAWIO',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
];
const STARTUP_TIMEOUT_MS = 120_000;
const LAST_LOG_LINES = 5;
const SOCKET_NAME = 'containerd.sock';

/** A runtime container that has not been started: `await using runtime = await new RuntimeContainer(image).start()`. */
export class RuntimeContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    // @types/dockerode lacks this member. With a private cgroup namespace, the cgroups of the runtime are below the
    // cgroup of its container.
    Object.assign(this.hostConfig, { CgroupnsMode: 'private' });
    this.withAddedCapabilities(...CAPABILITIES)
      .withSecurityOpt('seccomp=unconfined', 'apparmor=unconfined')
      .withNetworkMode('none')
      .withAutoCleanup(false)
      .withStartupTimeout(STARTUP_TIMEOUT_MS)
      .withWaitStrategy(Wait.forLogMessage('ckptest: runtime is ready'));
  }

  /**
   * Starts the container with a new shared directory. Rejects if the runtime does not become ready, and then leaves
   * nothing behind.
   */
  override async start(): Promise<StartedRuntimeContainer> {
    const sharedDirectory = await mkdtemp(path.join(tmpdir(), 'ckptest-runtime-'));
    const log: string[] = [];
    try {
      this.withLogConsumer((stream) => stream.setEncoding('utf8').on('data', (text: string) => log.push(text)));
      this.withBindMounts([{ source: sharedDirectory, target: sharedDirectory, mode: 'rw' }]);
      this.withCommand([path.join(sharedDirectory, SOCKET_NAME)]);
      return new StartedRuntimeContainer(await super.start(), sharedDirectory);
    } catch (error) {
      await rm(sharedDirectory, { recursive: true, force: true });
      const lastWords = log.join('').trim().split('\n').slice(-LAST_LOG_LINES).join('\n');
      throw new Error(`The runtime of ${this.imageName.string} did not become ready; its last output:\n${lastWords}`, {
        cause: error,
      });
    }
  }
}

/** A running runtime. Disposing of it removes the container, its volumes and the shared directory. */
export class StartedRuntimeContainer extends AbstractStartedContainer {
  readonly #sharedDirectory: string;

  constructor(container: StartedTestContainer, sharedDirectory: string) {
    super(container);
    this.#sharedDirectory = sharedDirectory;
  }

  /** Returns the CRI endpoint on this machine, a `unix://` URI. */
  getRuntimeEndpoint(): string {
    return `unix://${path.join(this.#sharedDirectory, SOCKET_NAME)}`;
  }

  /** Returns a directory with the same path and contents in the container and on this machine. */
  getSharedDirectory(): string {
    return this.#sharedDirectory;
  }

  protected override async containerStopped(): Promise<void> {
    await rm(this.#sharedDirectory, { recursive: true, force: true });
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
