// Lists the real runtimes on which the suite runs, with their packages and the runs of the suite.

/** One run of `ckptest run` on a runtime. */
export interface RuntimeRun {
  readonly title: string;
  /** Arguments in addition to `run --runtime-endpoint ... --output json`. */
  readonly arguments: readonly string[];
  /** The required exit status. */
  readonly exitStatus: 0 | 1;
  /** Whether the report must match the committed expectation of the runtime's version. */
  readonly compared: boolean;
}

/** A runtime in a container that is built from Debian packages. */
export interface RuntimeJob {
  /** Runtime and minor version, as in the name of its expectation. */
  readonly name: string;
  /** The Debian release that has this version. */
  readonly suite: string;
  readonly packages: readonly string[];
  /** Name of containerd's configuration file in the directory `image/`. */
  readonly configuration: string;
  readonly runs: readonly RuntimeRun[];
  /**
   * Whether the packages include checkpointctl, which reads archives of the fake runtime, and kubectl, which calls the
   * fakes.
   */
  readonly judges: boolean;
}

/**
 * Arguments that make the suite use its image from a registry in the container. When containerd 2.1 restores a
 * container, it pulls this image.
 */
const FROM_A_REGISTRY = ['--image', 'localhost:5000/busybox:latest'];

const COMMON_PACKAGES = ['containerd', 'runc', 'busybox-static', 'containernetworking-plugins', 'iproute2', 'mawk'];

export const RUNTIME_JOBS: readonly RuntimeJob[] = [
  {
    name: 'containerd-2.1',
    suite: 'sid',
    packages: [...COMMON_PACKAGES, 'criu', 'python3-pycriu', 'checkpointctl', 'iptables', 'kubernetes-client', 'socat'],
    configuration: 'containerd-2.1.toml',
    runs: [
      { title: 'as a runtime', arguments: FROM_A_REGISTRY, exitStatus: 1, compared: true },
      {
        title: 'as a runtime that checkpoints, its known failures accepted',
        arguments: ['--profile', 'runtime-checkpoint', '--known-failures', 'containerd-2.1', ...FROM_A_REGISTRY],
        exitStatus: 0,
        compared: false,
      },
    ],
    judges: true,
  },
  {
    name: 'containerd-1.6',
    suite: 'bookworm',
    packages: COMMON_PACKAGES,
    configuration: 'containerd-1.6.toml',
    runs: [
      { title: 'as a runtime that refuses', arguments: [], exitStatus: 0, compared: true },
      {
        title: 'as a runtime that checkpoints, which it is not',
        arguments: ['--profile', 'runtime-checkpoint'],
        exitStatus: 1,
        compared: false,
      },
    ],
    judges: false,
  },
];
