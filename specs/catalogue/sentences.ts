// The sentences of the documentation that say how something is, and why some have no spec here.

export interface Sentence {
  /** The sentence in short. */
  readonly says: string;
  /** What else holds it, what a target would need, or why nothing can check it; beside its specs, if it has any. */
  readonly beside?: string;
}

export const SENTENCES: Readonly<Record<`D${number}`, Sentence>> = {
  D1: { says: 'feature state: ContainerCheckpoint, alpha in 1.25' },
  D2: { says: 'checkpointing makes a stateful copy of a running container' },
  D3: {
    says: 'the copy can be moved to a different computer',
    beside: 'tried on two fake runtimes that share nothing; of a real runtime the suite is given one',
  },
  D4: {
    says: 'restored, it continues at exactly the same point',
    beside: 'containerd 2.1 restores in `npm run test:runtimes`; newer ones do not, and say so',
  },
  D5: {
    says: 'the saved data can be inspected with suitable tools',
    beside: "Debian's checkpointctl reads an archive of the fake in `npm run test:runtimes`",
  },
  D6: { says: 'typically all memory pages of all processes are in it' },
  D7: {
    says: 'that includes private data and keys, on the local disk',
    beside:
      'about our own output: a test of the harness holds that no report shows the value of an environment variable',
  },
  D8: { says: 'the runtime should make the archive accessible to root only' },
  D9: {
    says: 'a transferred archive is readable by its owner',
    beside: 'not checkable: about what people do with a file',
  },
  D10: {
    says: "access is controlled as the kubelet's authentication and authorization reference says",
    beside:
      'the recorded exchanges of webhook authentication and authorization are also replayed on the fake kubelet and its fake API server',
  },
  D11: { says: 'the kubelet requests the checkpoint from the CRI implementation' },
  D12: { says: 'it names the archive checkpoint-<podFullName>-<containerName>-<timestamp>.tar' },
  D13: { says: 'and asks for the checkpoints directory below the root directory' },
  D14: {
    says: 'which defaults to /var/lib/kubelet/checkpoints',
    beside:
      'judged by what the runtime is asked, which refuses, so that nothing is written there; a kubelet binary is judged as root, with a directory of its own in that place',
  },
  D15: { says: 'the archive is in tar format' },
  D16: {
    says: 'its contents depend on the CRI implementation',
    beside: 'the variant foreign-contents: with wholly other contents no documented rule turns red',
  },
  D17: {
    says: 'POST /checkpoint/{namespace}/{pod}/{container}',
    beside:
      'an API server that refuses its node proxy path never asks the kubelet, and one that loses its way to it is a client that leaves: of the target neither tells more than kubelet/through-api-server/ and kubelet/at-once/ do',
  },
  D18: {
    says: 'namespace, pod, container: strings, required',
    beside:
      'an ephemeral container cannot be arranged: static pods, all that a kubelet takes without a cluster, may not have any',
  },
  D19: { says: 'timeout: integer, in the query' },
  D20: { says: 'seconds to wait until the checkpoint is finished' },
  D21: { says: 'zero or none: the default CRI timeout is used' },
  D22: { says: 'creation time depends on the memory used' },
  D23: { says: '200 OK' },
  D24: { says: '401 Unauthorized' },
  D25: { says: '404 if the gate is disabled' },
  D26: { says: '404 if namespace, pod or container cannot be found' },
  D27: { says: '500 if the CRI implementation meets an error, message in the body' },
  D28: { says: '500 if it does not implement the call, message in the body' },
  D29: {
    says: '(a note in the source) more about return codes is to be written once runtimes have checkpointing',
    beside: 'not a rule: specs/return-codes.md tells the codes by runtime, version and circumstance',
  },
  D30: {
    says: "the list of articles on dockershim's removal and CRI-compatible runtimes",
    beside:
      'containerd 2.1 and 1.6 are run in `npm run test:runtimes`; a runtime that speaks only the older CRI is named when its socket is probed; CRI-O, cri-dockerd and Docker Engine behind it are not yet',
  },
};
