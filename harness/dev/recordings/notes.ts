// Notes about recorded behavior of kubelets and runtimes that is not a single HTTP exchange. Rules link to these notes.

interface Note {
  /** The id in the source of a rule. */
  readonly id: string;
  readonly text: string;
}

export const KUBELET_NOTES: readonly Note[] = [
  {
    id: 'checkpoint-calls',
    text: 'Three requests led to one CheckpointContainer call each. Without a timeout the call had the field `timeout` 120 and a deadline of 120 s; with `?timeout=300` it had 300 and 300 s; with `?timeout=5` it had 120 and 120 s. A timeout at or below `runtimeRequestTimeout` (default: two minutes) is raised to it, and the field is never 0.',
  },
  {
    id: 'metrics',
    text: 'A checkpoint adds 1 to `kubelet_runtime_operations_total` and to `kubelet_runtime_operations_duration_seconds_count`, both with `operation_type="checkpoint_container"`; if the runtime fails, also to `kubelet_runtime_operations_errors_total`. Each POST adds 1 to `kubelet_http_requests_total` with `method="POST",path="checkpoint"`, and `kubelet_http_inflight_requests` counts it while it is in progress.',
  },
  {
    id: 'reviews',
    text: "For a bearer token the kubelet sent a TokenReview once, and then a SubjectAccessReview with the verb `create`, the resource `nodes`, the subresource `checkpoint` and the node's name, in the name of the user and groups of the token. For a client certificate the user is its common name, the groups are its organizations and `system:authenticated`, and `extra` has `authentication.kubernetes.io/credential-id` with `X509SHA256=` and the SHA-256 of the certificate.",
  },
  {
    id: 'authorization attributes',
    text: 'The kubelet asks for the subresource `checkpoint` of `nodes` and for nothing else: permission for `nodes/proxy` is not enough. Through the API server it asks about the API server, not about the user who called it.',
  },
  {
    id: 'api-down',
    text: 'While the API server answered reviews with 500, a new token got 401, and a user whose token was known but whose permission was not got 500 with `Authorization error`. Users whose permission was cached were still served. The next review succeeded once the API server worked again.',
  },
  {
    id: 'same second',
    text: 'Two checkpoints of one container within one second got the same file name, and both responses were 200: the second archive replaced the first.',
  },
  { id: 'checkpoints directory', text: 'The kubelet creates the directory `checkpoints` with the mode 0700.' },
  {
    id: 'plain HTTP to the TLS port',
    text: 'The response is `HTTP/1.0 400 Bad Request` with the body `Client sent an HTTP request to an HTTPS server.`',
  },
  { id: 'no ALPN protocol', text: 'The kubelet selects no protocol in ALPN, so HTTP/2 is not spoken.' },
  {
    id: 'read-only port',
    text: 'The port of `readOnlyPort` answers a checkpoint request with 404 and `404 page not found`.',
  },
];

export const RUNTIME_NOTES: readonly Note[] = [
  {
    id: 'checkpoint-unknown-id',
    text: 'CheckpointContainer of an id that no container has fails with the code NOT_FOUND in both runtimes ([return codes](return-codes.md)).',
  },
  {
    id: 'restore-path',
    text: 'CreateContainer with the path of a checkpoint archive as its image, into another sandbox, and then StartContainer: the container continued to count where it was checkpointed. containerd 2.1.9 does so by default. CRI-O 1.37 and containerd 2.3 do so only if restore is enabled in their configuration.',
  },
];

export const ARCHIVE_NOTES: readonly Note[] = [
  {
    id: 'checkpoint/inventory.img',
    text: "Both archives contain CRIU's inventory. CRIU writes it last, so tools take it as the sign of a complete dump.",
  },
  {
    id: 'checkpoint/core-N.img',
    text: 'For every process N there are `core-N.img`, `mm-N.img`, `pagemap-N.img`, `fs-N.img` and `ids-N.img`; for every other thread there is a `core-N.img`. A process that has ended has only its `core-N.img`.',
  },
  {
    id: 'checkpoint/pagemap-N.img',
    text: 'The pages that `pagemap-N.img` lists as present are exactly the bytes of the pages image that it names.',
  },
  {
    id: 'checkpoint/fdinfo-N.img',
    text: 'Every descriptor in `fdinfo-N.img` has an entry with the same id and kind in `files.img`.',
  },
  {
    id: 'checkpoint/*.img',
    text: 'Every image begins with the magic numbers of its kind.',
  },
  {
    id: 'config.dump',
    text: 'A JSON object with the `id` of the container, `createdTime` and `checkpointedTime`, by which checkpointctl lists archives.',
  },
  {
    id: 'spec.dump',
    text: 'The OCI specification of the container, with its command in `process.args` and its environment in `process.env`.',
  },
];
