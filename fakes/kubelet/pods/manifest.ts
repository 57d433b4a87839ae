// A manifest to pods, as a kubelet reads static ones: defaults filled in, the node's name put behind the pod's.
import { createHash, randomUUID } from 'node:crypto';
import { LineCounter, parseAllDocuments } from 'yaml';
import { UserError } from '../../base/user-error';
import { nanoseconds, rfc3339Nano } from '../../go/time';
import { CONFIG_HASH_ANNOTATION, CONFIG_SEEN_ANNOTATION, CONFIG_SOURCE_ANNOTATION } from './labels';
import { type ManifestField, rootField } from './manifest-field';
import type { ContainerKind, ContainerSpec, Pod, PodSource, PullPolicy } from './pod';
import { containerSecurity, type PodSecurity, podSecurity } from './security-context';

const LABEL = /^(?=.{1,63}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LABEL_RULE = 'lower-case letters, digits and "-" only, at most 63, first and last no "-"';
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_RULE = 'lower-case letters, digits, "-" and "." only, at most 253';

/** Seconds between the request to end and the end by force, where a manifest says nothing. */
const DEFAULT_GRACE_SECONDS = 30;

/** Half of what an API server takes for an object; a kubelet would read ten times as much of a file. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;
/** No pod comes near it. */
const MAX_DEPTH = 200;

/** As Kubernetes has it: a tag that moves is pulled always. */
function defaultPullPolicy(image: string): PullPolicy {
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(image)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** Host paths of the pod's volumes by name; volumes of other kinds are left to the image. */
function hostPaths(spec: ManifestField): Map<string, string> {
  const volumes = spec.get('volumes').list();
  return new Map(
    volumes.flatMap((volume) => {
      const host = volume.get('hostPath').get('path');
      return host.isAbsent ? [] : [[volume.get('name').string(), host.string()]];
    }),
  );
}

function containerOf(
  kind: ContainerKind,
  field: ManifestField,
  { volumes, security }: { readonly volumes: Map<string, string>; readonly security: PodSecurity },
): ContainerSpec {
  const image = field.get('image').string();
  if (image === '') field.get('image').fail('is missing');
  return {
    kind,
    name: field.get('name').named(LABEL, LABEL_RULE),
    image,
    imagePullPolicy: field.get('imagePullPolicy').choice(['Always', 'IfNotPresent', 'Never'], defaultPullPolicy(image)),
    command: field.get('command').strings(),
    args: field.get('args').strings(),
    environment: field
      .get('env')
      .list()
      .map((entry) => ({ name: entry.get('name').string(), value: entry.get('value').string('') })),
    workingDirectory: field.get('workingDir').string(''),
    stdin: field.get('stdin').boolean(false),
    tty: field.get('tty').boolean(false),
    security: containerSecurity(field.get('securityContext'), security),
    isSidecar: kind === 'init' && field.get('restartPolicy').string('') === 'Always',
    preStop: field.get('lifecycle').get('preStop').get('exec').get('command').strings(),
    mounts: field
      .get('volumeMounts')
      .list()
      .flatMap((mount) => {
        const hostPath = volumes.get(mount.get('name').string());
        if (hostPath === undefined) return [];
        return [
          { containerPath: mount.get('mountPath').string(), hostPath, readonly: mount.get('readOnly').boolean(false) },
        ];
      }),
  };
}

function containersOf(spec: ManifestField, security: PodSecurity): ContainerSpec[] {
  const ofPod = { volumes: hostPaths(spec), security };
  const kinds: readonly (readonly [string, ContainerKind])[] = [
    ['initContainers', 'init'],
    ['containers', 'regular'],
    ['ephemeralContainers', 'ephemeral'],
  ];
  const seen = new Set<string>();
  const containers = kinds.flatMap(([key, kind]) =>
    spec
      .get(key)
      .list()
      .map((field) => {
        const container = containerOf(kind, field, ofPod);
        if (seen.has(container.name))
          field.get('name').fail(`${container.name} is taken by another container of the pod`);
        seen.add(container.name);
        return container;
      }),
  );
  if (!containers.some(({ kind }) => kind === 'regular'))
    spec.get('containers').fail('must name at least one container');
  return containers;
}

/** What pods are made for. */
export interface ManifestContext {
  readonly nodeName: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Only a pod from a file carries the node's name. */
  readonly source: PodSource;
}

function podOf(field: ManifestField, text: string, { nodeName, now, source }: ManifestContext): Pod {
  const { file } = field.source;
  if (field.get('kind').string() !== 'Pod') field.get('kind').fail('must be Pod');
  if (field.get('apiVersion').string() !== 'v1') field.get('apiVersion').fail('must be v1');
  const metadata = field.get('metadata');
  const spec = field.get('spec');
  if (spec.isAbsent) spec.fail('is missing');
  const security = podSecurity(spec.get('securityContext'));
  const own = metadata.get('name').named(SUBDOMAIN, SUBDOMAIN_RULE);
  const name = source === 'file' ? `${own}-${nodeName.toLowerCase()}` : own;
  if (!SUBDOMAIN.test(name)) metadata.get('name').fail(`with the node's name behind it, ${name}, is no valid name`);
  const hash =
    source === 'file'
      ? createHash('md5').update(`host:${nodeName}\0file:${file}\0${own}\0${text}`).digest('hex')
      : randomUUID();
  const uid = metadata.get('uid').isAbsent
    ? hash
    : metadata.get('uid').named(/^[A-Za-z0-9-]{1,64}$/, 'letters, digits and "-"');
  return {
    source,
    namespace: metadata.get('namespace').isAbsent ? 'default' : metadata.get('namespace').named(LABEL, LABEL_RULE),
    name,
    uid,
    labels: metadata.get('labels').record(),
    annotations: {
      ...metadata.get('annotations').record(),
      ...(source === 'file' && { [CONFIG_HASH_ANNOTATION]: uid }),
      [CONFIG_SEEN_ANNOTATION]: rfc3339Nano(nanoseconds(now)),
      [CONFIG_SOURCE_ANNOTATION]: source,
    },
    spec: {
      hostNetwork: spec.get('hostNetwork').boolean(false),
      hostPid: spec.get('hostPID').boolean(false),
      hostIpc: spec.get('hostIPC').boolean(false),
      restartPolicy: spec.get('restartPolicy').choice(['Always', 'OnFailure', 'Never'], 'Always'),
      runtimeHandler: spec.get('runtimeClassName').string(''),
      terminationGracePeriod: spec.get('terminationGracePeriodSeconds').integer(DEFAULT_GRACE_SECONDS),
      security,
      containers: containersOf(spec, security),
    },
  };
}

/** Throws UserError for what would take a parser of YAML minutes, or its stack. */
function requireReadable(file: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_MANIFEST_BYTES) {
    throw new UserError(`${file}:1: the manifest has ${bytes} bytes: give one of at most ${MAX_MANIFEST_BYTES}.`);
  }
  let depth = 0;
  let line = 1;
  for (const character of text) {
    if (character === '\n') line += 1;
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) throw new UserError(`${file}:${line}: too deep: nest at most ${MAX_DEPTH} lists and maps.`);
  }
}

/**
 * The pods of one manifest, YAML or JSON, one document or several.
 * Throws UserError, with file and line, for what is no pod.
 */
export function parseManifest(file: string, text: string, context: ManifestContext): Pod[] {
  requireReadable(file, text);
  const lines = new LineCounter();
  // Of two keys of one name Go takes the later one, and looking for such takes the square of their number.
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const pods = [...documents].flatMap((document) => {
    const root = rootField({ file, document, lines }, 'a manifest');
    return root.isAbsent ? [] : [podOf(root, text, context)];
  });
  if (pods.length === 0) throw new UserError(`${file}:1: the manifest is empty: write a Pod into it.`);
  return pods;
}
