// Declares the flags of `ckptest kubelet`. `serve` also has the flags of the kubelet's endpoint. The code of a command
// is loaded only when the command runs.
import { type Command, Option } from 'commander';
import { DEFAULT_ROOT_DIRECTORY } from '../../fakes/kubelet/options';
import type { KubeletFlags } from './kubelet-flags';

export interface KubeletSettingsFlags extends KubeletFlags {
  readonly rootDir: string;
  readonly kubeletPersona?: string;
  readonly version?: string;
  readonly output: 'text' | 'json';
}

/** Flags of a kubelet that are accepted and have no effect. */
const IDLE = [
  '--bootstrap-kubeconfig <file>',
  '--cert-dir <dir>',
  '--cgroup-driver <name>',
  '--container-runtime <name>',
  '--fail-swap-on [true|false]',
  '--node-ip <ip>',
  '--node-labels <list>',
  '--register-node [true|false]',
  '--v <level>',
];

/**
 * Adds the flags of a kubelet's endpoint to a command.
 *
 * @returns the command
 */
export function kubeletOptions(command: Command): Command {
  return command
    .option('--config <file>', 'KubeletConfiguration file (kubelet.config.k8s.io/v1beta1); flags win over it')
    .option('--kubeconfig <file>', 'API server for authentication and authorization of clients')
    .option('--pod-manifest-path <path>', 'directory of static pod manifests, or one manifest; changes are read')
    .option('--address <ip>', 'address to listen on (default: 127.0.0.1)')
    .option('--read-only-port <port>', 'port for plain HTTP without credentials; 0 for none')
    .option('--feature-gates <list>', 'such as ContainerCheckpoint=false')
    .option('--kubernetes-version <version>', 'Kubernetes version to play, such as 1.36 or 1.30.5')
    .option('--tls-cert-file <file>', 'serving certificate, PEM')
    .option('--tls-private-key-file <file>', 'its key, PEM')
    .option('--client-ca-file <file>', 'authorities of accepted client certificates, PEM; changes are read')
    .option('--anonymous-auth [true|false]', 'whether requests without credentials are accepted')
    .option('--authentication-token-webhook [true|false]', 'let the API server review bearer tokens')
    .option('--authorization-mode <mode>', 'AlwaysAllow or Webhook')
    .option('--enable-debugging-handlers [true|false]', 'whether the checkpoint endpoint exists')
    .option('--runtime-request-timeout <duration>', 'such as 2m')
    .option('--container-runtime-endpoint <uri>', 'CRI socket of the runtime')
    .option('--image-service-endpoint <uri>', 'its image service (default: the runtime endpoint)');
}

/**
 * Adds the command `kubelet` to the program.
 *
 * @param action called with the flags
 */
export function addKubeletCommand(program: Command, action: (flags: KubeletSettingsFlags) => Promise<void>): void {
  const command = kubeletOptions(program.command('kubelet'))
    .description('run only the fake kubelet, in place of a kubelet binary')
    .option('--root-dir <dir>', 'root directory', DEFAULT_ROOT_DIRECTORY)
    .option('--hostname-override <name>', "node name, the suffix of static pods (default: the host's)")
    .option('--port <port>', 'port of the endpoint; 0 takes a free one (default: 10250)')
    .option('--kubelet-persona <name>', 'behave as a known kubelet')
    .option('--version [true|false]', 'print the version that is played, and exit')
    .addOption(new Option('--output <format>', 'how to print').choices(['text', 'json']).default('text'));
  for (const flag of IDLE) command.addOption(new Option(flag, 'accepted, without effect').hideHelp());
  // A boolean flag without a value means true, as in Go.
  command.hook('preAction', (_, called) => {
    for (const [name, value] of Object.entries(called.opts())) if (value === true) called.setOptionValue(name, 'true');
  });
  command.action(action);
}
