// Simulates the registry behind PullImage. The registry has every image, except where a rule changes that.
import type { AuthConfig } from '../../../proto/types/runtime/v1/AuthConfig';
import type { Clock } from '../../base/clock';
import { pause } from '../../base/waiting';
import { type Image, imageAt, parseReference } from './images';
import { RuntimeError } from './runtime-error';

export interface RegistryRule {
  /**
   * The images to which the rule applies: a reference as users write it, or a prefix followed by `*`. The reference is
   * completed with the usual defaults before it is compared.
   */
  readonly image: string;
  /**
   * The effect of the rule. `absent`: the image does not exist. `unauthorised`: a pull of the image needs credentials.
   * `slow`: a pull of the image takes time. `same-as`: the reference is another name of an image.
   */
  readonly do: 'absent' | 'unauthorised' | 'slow' | 'same-as';
  /** For `slow`: duration of the pull, milliseconds. Default: 1000. */
  readonly milliseconds?: number;
  /**
   * For `unauthorised`: the credentials with which the image can be pulled. Without a user name, every pull is refused.
   */
  readonly username?: string;
  readonly password?: string;
  /** For `same-as`: the reference whose digest this image has. */
  readonly as?: string;
}

/** Completes a reference with the defaults of container tools. */
function fullName(name: string): string {
  const { repository, tag, digest } = parseReference(name);
  return `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function fits({ image }: RegistryRule, name: string): boolean {
  return image.endsWith('*') ? name.startsWith(image.slice(0, -1)) : fullName(image) === name;
}

/** Returns the user name and the password, which clients send in two fields or together in one encoded field. */
function credentials(auth: AuthConfig | null): [username: string, password: string] {
  if (!auth?.auth) return [auth?.username ?? '', auth?.password ?? ''];
  const [username = '', ...password] = Buffer.from(auth.auth, 'base64').toString().split(':');
  return [username, password.join(':')];
}

/** A simulated registry. */
export class Registry {
  /** The current rules. All rules that match a reference apply together. */
  rules: readonly RegistryRule[];
  readonly #clock: Clock;

  constructor(clock: Clock, rules: readonly RegistryRule[] = []) {
    this.#clock = clock;
    this.rules = rules;
  }

  /**
   * Pulls the image with a reference.
   * @throws RuntimeError if a rule denies the pull; the signal's reason on abort
   */
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

  /** Returns the image with a reference, without a check of credentials. */
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
