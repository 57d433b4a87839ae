// The statements of the documentation, with the reasons why some have no spec.

export interface Sentence {
  /** The statement in short. */
  readonly says: string;
  /** What else tests this statement, what a target would need, or why the statement cannot be tested. */
  readonly beside?: string;
}

export const SENTENCES: Readonly<Record<`D${number}`, Sentence>> = {
  D1: { says: 'feature state: ContainerCheckpoint, alpha in 1.25' },
  D2: { says: 'checkpointing makes a stateful copy of a running container' },
  D3: {
    says: 'the copy can be moved to a different computer',
    beside: 'tested on two independent fake runtimes; with a real runtime the suite has only one',
  },
  D4: {
    says: 'restored, it continues at exactly the same point',
    beside: '`npm run test:runtimes` restores on containerd 2.1; newer versions refuse by default',
  },
  D5: {
    says: 'the saved data can be inspected with suitable tools',
    beside: "`npm run test:runtimes` reads archives of the fake runtime with Debian's checkpointctl",
  },
  D6: { says: 'it typically contains all memory pages of all processes' },
  D7: {
    says: 'this includes private data and keys, on the local disk',
    beside: 'tests of the harness check that no report shows the value of an environment variable',
  },
  D8: { says: 'the runtime should make the archive accessible to root only' },
  D9: {
    says: 'a transferred archive is readable by its owner',
    beside: 'cannot be tested: it is about what people do with a file',
  },
  D10: {
    says: "access is controlled as in the kubelet's authentication and authorization reference",
    beside:
      'the recorded exchanges of webhook authentication and authorization are also replayed on the fake kubelet and its fake API server',
  },
  D11: { says: 'the kubelet requests the checkpoint from the CRI implementation' },
  D12: { says: 'the archive is named checkpoint-<podFullName>-<containerName>-<timestamp>.tar' },
  D13: { says: 'the archive is stored in the checkpoints directory below the root directory' },
  D14: {
    says: 'which defaults to /var/lib/kubelet/checkpoints',
    beside:
      'tested by the location in the call to the runtime, which refuses, so that nothing is written there; a kubelet binary is tested only as root, with another directory mounted over this one',
  },
  D15: { says: 'the archive is in tar format' },
  D16: {
    says: 'its contents depend on the CRI implementation',
    beside: 'the variant foreign-contents writes entirely different contents, and no documented rule fails',
  },
  D17: {
    says: 'POST /checkpoint/{namespace}/{pod}/{container}',
    beside:
      'an API server that refuses the node proxy path never calls the kubelet, and one that loses its connection is a client that disconnects: kubelet/through-api-server/ and kubelet/at-once/ test what the kubelet does then',
  },
  D18: {
    says: 'namespace, pod, container: strings, required',
    beside:
      'ephemeral containers cannot be created: without a cluster a kubelet runs only static pods, which must not have any',
  },
  D19: { says: 'timeout: integer, in the query' },
  D20: { says: 'seconds to wait until the checkpoint is finished' },
  D21: { says: 'zero or absent: the default CRI timeout is used' },
  D22: { says: 'creation time depends on the memory used' },
  D23: { says: '200 OK' },
  D24: { says: '401 Unauthorized' },
  D25: { says: '404 if the gate is disabled' },
  D26: { says: '404 if namespace, pod or container cannot be found' },
  D27: { says: '500 if the CRI implementation encounters an error, with its message in the body' },
  D28: { says: '500 if it does not implement the call, with a message in the body' },
  D29: {
    says: '(a note in the source) more about return codes will be added when runtimes support checkpoints',
    beside: 'not a rule; specs/return-codes.md lists the codes by runtime, version and circumstance',
  },
  D30: {
    says: "the list of articles on dockershim's removal and CRI-compatible runtimes",
    beside:
      '`npm run test:runtimes` runs containerd 2.1 and 1.6; the probe names a runtime that supports only the older CRI; CRI-O and cri-dockerd are not run there',
  },
};
