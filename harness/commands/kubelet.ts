// `ckptest kubelet`: the fake kubelet alone, started as a kubelet is.
import { type Command, Option } from 'commander';
import { bendKubelet } from '../../fakes/deviations/bend';
import { persona } from '../../fakes/deviations/personas';
import { DEFAULT_ROOT_DIRECTORY } from '../../fakes/kubelet/root-directory';
import { startFakeKubelet } from '../../fakes/kubelet/server';
import { UserError } from '../../fakes/user-error';
import { askedKubelet, type KubeletFlags } from './kubelet-flags';
import type { Streams } from './run';

const DEFAULT_RUNTIME = 'unix:///run/containerd/containerd.sock';
/** As a kubelet has it, but for the address: a fake is for its own machine unless it is told otherwise. */
const DEFAULTS = { port: 10_250, address: '127.0.0.1' };

export interface KubeletSettingsFlags extends KubeletFlags {
  readonly rootDir: string;
  readonly kubeletPersona?: string;
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
    .option('--pod-manifest-path <path>', 'folder of static pod manifests, or one manifest; read again when it changes')
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

function noControl(): never {
  throw new UserError('this persona needs the fake runtime; it cannot bend a kubelet alone');
}

/** Runs until the signal is aborted. Throws UserError for what cannot be started; then nothing is left. */
export async function kubelet(flags: KubeletSettingsFlags, { out, err }: Streams, signal: AbortSignal): Promise<void> {
  const warn = (sentence: string) => void err.write(`ckptest: ${sentence}\n`);
  const asked = await askedKubelet(flags, DEFAULTS, warn);
  for (const sentence of asked.warnings) warn(sentence);
  const options = {
    ...asked.options,
    rootDirectory: flags.rootDir,
    runtimeEndpoint: flags.containerRuntimeEndpoint ?? asked.runtimeEndpoint ?? DEFAULT_RUNTIME,
  };
  const bends = flags.kubeletPersona && persona(flags.kubeletPersona, '--kubelet-persona').bend(noControl);
  await using running = await startFakeKubelet(bends ? bendKubelet(options, bends) : options);
  const { url, readOnlyUrl, rootDirectory, credentials } = running;
  const facts = { kubelet: url, ...(readOnlyUrl && { readOnly: readOnlyUrl }), rootDir: rootDirectory, ...credentials };
  if (flags.output === 'json') out.write(`${JSON.stringify(facts)}\n`);
  else for (const [name, value] of Object.entries(facts)) out.write(`${name.padEnd(21)} ${value}\n`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** Adds the command. */
export function addKubeletCommand(program: Command, streams: Streams, signal: AbortSignal): void {
  const command = kubeletOptions(program.command('kubelet'))
    .description('the fake kubelet alone, as a stand-in for a kubelet binary')
    .option('--root-dir <dir>', 'root directory', DEFAULT_ROOT_DIRECTORY)
    .option('--hostname-override <name>', "node name, the suffix of static pods (default: the host's)")
    .option('--port <port>', 'port of the endpoint; 0 takes a free one (default: 10250)')
    .option('--kubelet-persona <name>', 'behave as a known kubelet')
    .addOption(new Option('--output <format>', 'how to print').choices(['text', 'json']).default('text'));
  for (const flag of IDLE) command.addOption(new Option(flag, 'taken, without effect').hideHelp());
  // A switch without a value is true, as in Go's flags.
  command.hook('preAction', (_, action) => {
    for (const [name, value] of Object.entries(action.opts())) if (value === true) action.setOptionValue(name, 'true');
  });
  command.action((flags: KubeletSettingsFlags) => kubelet(flags, streams, signal));
}
