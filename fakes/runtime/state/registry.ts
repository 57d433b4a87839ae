// The registry behind PullImage: it has every image, unless a rule says otherwise.
import type { AuthConfig } from '../../../proto/types/runtime/v1/AuthConfig';
import type { Clock } from '../../base/clock';
import { pause } from '../../base/waiting';
import { type Image, imageAt, parseReference } from './images';
import { RuntimeError } from './runtime-error';

export interface RegistryRule {
  /** A reference as users write it, or the start of one and `*`; both stand for the full reference. */
  readonly image: string;
  /** `absent`: not there; `unauthorised`: only for those who know the password; `slow`; `same-as`: another name. */
  readonly do: 'absent' | 'unauthorised' | 'slow' | 'same-as';
  /** Of `slow`: how long the pull takes (default 1000). */
  readonly milliseconds?: number;
  /** Of `unauthorised`: who may pull; nobody where there is no user name. */
  readonly username?: string;
  readonly password?: string;
  /** Of `same-as`: the reference whose digest it has. */
  readonly as?: string;
}

/** The reference with the defaults of container tools put in. */
function fullName(name: string): string {
  const { repository, tag, digest } = parseReference(name);
  return `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function fits({ image }: RegistryRule, name: string): boolean {
  return image.endsWith('*') ? name.startsWith(image.slice(0, -1)) : fullName(image) === name;
}

/** User name and password, which may come together in one encoded field. */
function credentials(auth: AuthConfig | null): [username: string, password: string] {
  if (!auth?.auth) return [auth?.username ?? '', auth?.password ?? ''];
  const [username = '', ...password] = Buffer.from(auth.auth, 'base64').toString().split(':');
  return [username, password.join(':')];
}

export class Registry {
  /** All that fit a reference are in force. */
  rules: readonly RegistryRule[];
  readonly #clock: Clock;

  constructor(clock: Clock, rules: readonly RegistryRule[] = []) {
    this.#clock = clock;
    this.rules = rules;
  }

  /** The image under a reference. Throws a Refusal where a rule denies it; rejects with the reason of an abort. */
  async pull(name: string, auth: AuthConfig | null, signal: AbortSignal): Promise<Image> {
    if (name.startsWith('sha256:')) throw new RuntimeError('not-found', `failed to resolve image "${name}": not found`);
    const full = fullName(name);
    const rules = this.rules.filter((rule) => fits(rule, full));
    const fail = (why: string) => `failed to pull image "${full}": ${why}`;
    for (const rule of rules) {
      if (rule.do === 'slow') await pause(this.#clock, rule.milliseconds ?? 1000, signal);
      if (rule.do === 'absent') throw new RuntimeError('not-found', fail(`${full}: not found`));
      if (rule.do !== 'unauthorised') continue;
      const [username, password] = credentials(auth);
      if (rule.username === undefined || username !== rule.username || password !== (rule.password ?? '')) {
        throw new RuntimeError(
          'denied',
          fail('pull access denied, repository does not exist or may require authorization'),
        );
      }
    }
    return this.imageOf(name);
  }

  /** The image that a reference stands for, whoever asks. */
  imageOf(name: string): Image {
    const reference = parseReference(name);
    const full = fullName(name);
    const same = this.rules.find((rule) => rule.do === 'same-as' && fits(rule, full))?.as;
    const own = imageAt(reference);
    if (same === undefined) return own;
    const { id, repoDigests } = imageAt(parseReference(same));
    const digest = repoDigests[0]?.split('@')[1];
    return { ...own, id, repoDigests: [`${reference.repository}@${digest}`] };
  }
}
