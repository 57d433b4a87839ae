// Reads pods from a manifest as a kubelet does: sets defaults and appends the node's name to the names of static pods.
import { createHash, randomUUID } from 'node:crypto';
import { UserError } from '../../base/user-error';
import { parseYamlDocuments } from '../../base/yaml-text';
import { nanoseconds, rfc3339Nano } from '../../go/time';
import { rootField, type YamlField } from '../yaml-field';
import { unknownFieldsWarning } from './known-pod-fields';
import { CONFIG_HASH_ANNOTATION, CONFIG_SEEN_ANNOTATION, CONFIG_SOURCE_ANNOTATION } from './labels';
import type { ContainerKind, ContainerSpec, Pod, PodSource, PullPolicy } from './pod';
import { containerSecurity, type PodSecurity, podSecurity } from './security-context';

const LABEL = /^(?=.{1,63}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LABEL_RULE = 'only lower-case letters, digits and "-", at most 63 characters, not "-" at the start or the end';
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_RULE = 'only lower-case letters, digits, "-" and ".", at most 253 characters';

/** Kubernetes' default termination grace period, seconds. */
const DEFAULT_GRACE_SECONDS = 30;

/**
 * Maximum size of a manifest, bytes. It is half of an API server's limit for an object. A real kubelet reads files up
 * to ten times as large.
 */
export const MAX_MANIFEST_BYTES = 1024 * 1024;

/** Returns Kubernetes' default pull policy: always pull an image that has the tag `latest` or no tag. */
function defaultPullPolicy(image: string): PullPolicy {
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(image)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** Returns the host paths of the pod's volumes by name. Volumes of other types are not mounted. */
function hostPaths(spec: YamlField): Map<string, string> {
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
  field: YamlField,
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

function containersOf(spec: YamlField, security: PodSecurity): ContainerSpec[] {
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
          field.get('name').fail(`${container.name} is already the name of another container of the pod`);
        seen.add(container.name);
        return container;
      }),
  );
  if (!containers.some(({ kind }) => kind === 'regular'))
    spec.get('containers').fail('must name at least one container');
  return containers;
}

/** The inputs of a pod in addition to its manifest. */
export interface ManifestContext {
  readonly nodeName: string;
  /** Current time, milliseconds since the epoch. */
  readonly now: number;
  /** The source of the pods. The node's name is appended only to names of pods from a file. */
  readonly source: PodSource;
  /** Called with a sentence about fields that have no effect. */
  readonly warn?: (sentence: string) => void;
}

function podOf(field: YamlField, text: string, { nodeName, now, source }: ManifestContext): Pod {
  const { file } = field.source;
  if (field.get('kind').string() !== 'Pod') field.get('kind').fail('must be Pod');
  if (field.get('apiVersion').string() !== 'v1') field.get('apiVersion').fail('must be v1');
  const metadata = field.get('metadata');
  const spec = field.get('spec');
  if (spec.isAbsent) spec.fail('is missing');
  const security = podSecurity(spec.get('securityContext'));
  const baseName = metadata.get('name').named(SUBDOMAIN, SUBDOMAIN_RULE);
  const name = source === 'file' ? `${baseName}-${nodeName.toLowerCase()}` : baseName;
  if (!SUBDOMAIN.test(name)) metadata.get('name').fail(`with the node's name appended, ${name}, is not a valid name`);
  const hash =
    source === 'file'
      ? createHash('md5').update(`host:${nodeName}\0file:${file}\0${baseName}\0${text}`).digest('hex')
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

/** Throws UserError for a text that would take the YAML parser minutes or overflow its stack. */
function requireReadable(file: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_MANIFEST_BYTES) {
    throw new UserError(
      `${file}:1: the manifest has ${bytes} bytes: give one with at most ${MAX_MANIFEST_BYTES} bytes.`,
    );
  }
}

/**
 * Reads the pods of one manifest.
 * @param file name of the manifest, for messages
 * @param text YAML or JSON, one or several documents
 * @param context the inputs other than the text
 * @throws UserError with file and line if the manifest is not valid or contains something other than pods
 */
export function parseManifest(file: string, text: string, context: ManifestContext): Pod[] {
  requireReadable(file, text);
  const { documents, lines } = parseYamlDocuments(text);
  const pods = documents.flatMap((document) => {
    const root = rootField({ file, document, lines }, 'a manifest');
    if (root.isAbsent) return [];
    const pod = podOf(root, text, context);
    const warning = unknownFieldsWarning(root);
    if (warning !== undefined) context.warn?.(warning);
    return [pod];
  });
  if (pods.length === 0) throw new UserError(`${file}:1: the manifest is empty: write a Pod into it.`);
  return pods;
}
