// Images of the fake runtime and their references. The id and digest of an image depend only on its name.
import { createHash } from 'node:crypto';
import { UserError } from '../../base/user-error';
import type { Account } from '../process/simulation';
import { WORKLOAD_IMAGES } from './chosen-workload';
import { RuntimeError } from './runtime-error';

export interface Image {
  /** The image id: `sha256:` and 64 hexadecimal digits. */
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Size of the image, bytes. */
  readonly size: number;
  /** Whether the image is pinned: a kubelet's garbage collection does not remove pinned images. */
  readonly pinned: boolean;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Environment variables in the form `NAME=value`. */
  readonly environment: readonly string[];
  readonly workingDirectory: string;
  /** The user: `USER` or `USER:GROUP`, as names or numbers; empty for root. */
  readonly user: string;
  /** Accounts in addition to the accounts that every image has. */
  readonly accounts?: readonly Account[];
  /** Set if the image was made from a checkpoint archive: the path of the archive, and the image's annotations. */
  readonly checkpoint?: { readonly archive: string; readonly annotations: Readonly<Record<string, string>> };
}

export const PAUSE_IMAGE = 'registry.k8s.io/pause:3.10';
export const BUSYBOX_IMAGE = 'docker.io/library/busybox:latest';

const CRITEST = 'gcr.io/k8s-staging-cri-tools';

/** Images with special properties, by repository. All other images are like busybox. */
const KNOWN: Readonly<Record<string, Partial<Image>>> = {
  'registry.k8s.io/pause': {
    pinned: true,
    size: 320_368,
    entrypoint: ['/pause'],
    command: [],
    environment: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  },
  'docker.io/library/nginx': { command: ['nginx', '-g', 'daemon off;'] },
  'registry.k8s.io/e2e-test-images/nginx': { command: ['nginx', '-g', 'daemon off;'] },
  'registry.k8s.io/e2e-test-images/httpd': { command: ['httpd-foreground'] },
  // Users that critest expects in its own images.
  [`${CRITEST}/test-image-user-uid`]: { user: '1002' },
  [`${CRITEST}/test-image-user-uid-group`]: { user: '1003:users' },
  [`${CRITEST}/test-image-user-username`]: { user: 'www-data' },
  [`${CRITEST}/test-image-user-username-group`]: { user: 'www-data:www-data' },
  [`${CRITEST}/test-image-predefined-group`]: {
    user: '1000',
    accounts: [{ name: 'default-user', uid: '1000', gid: '1000', groups: ['50000'] }],
  },
};

/** Repositories in which all tags are the same image. */
const ONE_IMAGE: ReadonlySet<string> = new Set([`${CRITEST}/test-image-tags`]);

/** Registry hosts that have the same images as another host. */
const SAME_IMAGES: Readonly<Record<string, string>> = { 'k8s.gcr.io': 'registry.k8s.io' };

const PLAIN = {
  size: 2_099_869,
  pinned: false,
  entrypoint: [],
  command: ['/bin/sh'],
  environment: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  workingDirectory: '/',
  user: '',
} as const;

/** The parts of a reference, with the defaults that container tools add. */
export interface Reference {
  readonly repository: string;
  readonly tag?: string;
  /** The digest: `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
}

const REFERENCE =
  /^(?:([a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?)\/)?([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;

/**
 * Parses an image reference. `busybox` becomes `docker.io/library/busybox:latest`.
 * @throws RuntimeError if the text is not a valid reference
 */
export function parseReference(text: string): Reference {
  const match = REFERENCE.exec(text);
  if (!match) throw new RuntimeError('invalid', `failed to parse image reference "${text}": invalid reference format`);
  let [, host, path = '', tag, digest] = match;
  // As in Docker's reference grammar, the part before the first slash is a host only if it is `localhost` or contains a
  // dot, a colon or an upper-case letter.
  if (host !== undefined && !/[.:A-Z]/.test(host) && host !== 'localhost') {
    path = `${host}/${path}`;
    host = undefined;
  }
  host ??= 'docker.io';
  if (host === 'docker.io' && !path.includes('/')) path = `library/${path}`;
  if (tag === undefined && digest === undefined) tag = 'latest';
  return { repository: `${host}/${path}`, ...(tag && { tag }), ...(digest && { digest }) };
}

/**
 * Validates a reference from a flag or a file.
 * @throws UserError if the text is not a valid reference
 */
export function checkReference(text: string): void {
  try {
    parseReference(text);
  } catch {
    throw new UserError(
      `${JSON.stringify(text)} is not an image reference; give one such as docker.io/library/busybox:latest`,
    );
  }
}

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** Returns the image that a registry would have under a reference. */
export function imageAt(reference: Reference): Image {
  const { repository, tag } = reference;
  const script = WORKLOAD_IMAGES[repository];
  const source = repository.replace(/^[^/]+/, (host) => SAME_IMAGES[host] ?? host);
  const digest = reference.digest ?? sha256(`manifest of ${source}${ONE_IMAGE.has(source) ? '' : `:${tag}`}`);
  return {
    ...PLAIN,
    ...KNOWN[source],
    ...(script !== undefined && { command: ['/bin/sh', '-c', script] }),
    id: sha256(`configuration under ${digest}`),
    repoTags: tag === undefined ? [] : [`${repository}:${tag}`],
    repoDigests: [`${repository}@${digest}`],
  };
}
