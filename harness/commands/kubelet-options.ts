// The flags of `ckptest kubelet`, and those that `serve` has of them; what they do is loaded when they are given.
import { type Command, Option } from 'commander';
import { DEFAULT_ROOT_DIRECTORY } from '../../fakes/kubelet/options';
import type { KubeletFlags } from './kubelet-flags';

export interface KubeletSettingsFlags extends KubeletFlags {
  readonly rootDir: string;
  readonly kubeletPersona?: string;
  readonly version?: string;
  readonly output: 'text' | 'json';
}

/** Flags that a kubelet has and that change nothing here. */
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

/** The flags that a kubelet has for its endpoint. */
export function kubeletOptions(command: Command): Command {
  return command
    .option('--config <file>', 'KubeletConfiguration (kubelet.config.k8s.io/v1beta1); flags win over it')
    .option('--kubeconfig <file>', 'API server that is asked who somebody is and what they may do')
    .option(
      '--pod-manifest-path <path>',
      'directory of static pod manifests, or one manifest; read again when it changes',
    )
    .option('--address <ip>', 'address to listen on (default: 127.0.0.1)')
    .option('--read-only-port <port>', 'plain HTTP without credentials; 0: none')
    .option('--feature-gates <list>', 'such as ContainerCheckpoint=false')
    .option('--kubernetes-version <version>', 'kubelet to play, such as 1.36 or 1.30.5')
    .option('--tls-cert-file <file>', 'serving certificate, PEM')
    .option('--tls-private-key-file <file>', 'its key, PEM')
    .option(
      '--client-ca-file <file>',
      'authorities whose client certificates are taken, PEM; read again when it changes',
    )
    .option('--anonymous-auth [true|false]', 'whether who shows nothing may ask')
    .option('--authentication-token-webhook [true|false]', 'show bearer tokens to the API server')
    .option('--authorization-mode <mode>', 'AlwaysAllow or Webhook')
    .option('--enable-debugging-handlers [true|false]', 'whether the checkpoint route is there')
    .option('--runtime-request-timeout <duration>', 'such as 2m')
    .option('--container-runtime-endpoint <uri>', 'CRI socket of the runtime')
    .option('--image-service-endpoint <uri>', 'its image service (default: the runtime endpoint)');
}

/** Adds the command. */
export function addKubeletCommand(program: Command, action: (flags: KubeletSettingsFlags) => Promise<void>): void {
  const command = kubeletOptions(program.command('kubelet'))
    .description('the fake kubelet alone, as a stand-in for a kubelet binary')
    .option('--root-dir <dir>', 'root directory', DEFAULT_ROOT_DIRECTORY)
    .option('--hostname-override <name>', "node name, the suffix of static pods (default: the host's)")
    .option('--port <port>', 'port of the endpoint; 0 takes a free one (default: 10250)')
    .option('--kubelet-persona <name>', 'behave as a known kubelet')
    .option('--version [true|false]', 'print the version that is played, and quit')
    .addOption(new Option('--output <format>', 'how to print').choices(['text', 'json']).default('text'));
  for (const flag of IDLE) command.addOption(new Option(flag, 'taken, without effect').hideHelp());
  // A switch without a value is true, as in Go's flags.
  command.hook('preAction', (_, called) => {
    for (const [name, value] of Object.entries(called.opts())) if (value === true) called.setOptionValue(name, 'true');
  });
  command.action(action);
}
