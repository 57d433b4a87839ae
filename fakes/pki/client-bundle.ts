// Authorities whose client certificates are taken: what was made at start, and a file that is read again when it changes.
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { errorCodeOrText } from '../base/error-text';
import { UserError } from '../base/user-error';

/** The file is looked at so often at most (ms, real time). */
const LOOK_EVERY_MS = 1000;
const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Certificates in PEM text; other blocks are passed over. Throws where one cannot be read. */
function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
}

/** What of a file shows that it changed. */
const stampOf = (file: string) => {
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs}/${size}/${ino}`;
};

export class ClientBundle {
  /** Changes with every new content. */
  version = 0;
  #read: readonly X509Certificate[] = [];
  #stamp = '';
  #lookedAt = performance.now();
  #changed: () => void = () => {};

  /**
   * Reads the bundle. Throws UserError where the file has no certificate.
   * @param fixed PEM of authorities that always count
   */
  constructor(
    readonly fixed: readonly string[],
    readonly file: string | undefined,
  ) {
    if (file === undefined) return;
    let text: string;
    try {
      this.#stamp = stampOf(file);
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new UserError(
        `clientCAFile ${file} cannot be read (${errorCodeOrText(error)}): name a PEM file that is there.`,
      );
    }
    this.#read = this.#parse(text) ?? [];
    if (this.#read.length === 0) throw new UserError(`clientCAFile ${file} holds no certificate in PEM: give one.`);
  }

  #parse(text: string): X509Certificate[] | undefined {
    try {
      return certificatesIn(text);
    } catch {
      return undefined;
    }
  }

  /** `action` runs when the file has another content. */
  onChange(action: () => void): void {
    this.#changed = action;
  }

  get authorities(): readonly X509Certificate[] {
    return [...this.fixed.flatMap(certificatesIn), ...this.#read];
  }

  get pem(): readonly string[] {
    return [...this.fixed, ...this.#read.map(String)];
  }

  /** Looks at the file again, if that is due. What cannot be read leaves everything as it was, as in a kubelet. */
  refresh(): void {
    if (this.file === undefined || performance.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = performance.now();
    let fresh: X509Certificate[] | undefined;
    try {
      const stamp = stampOf(this.file);
      if (stamp === this.#stamp) return;
      fresh = this.#parse(readFileSync(this.file, 'utf8'));
      this.#stamp = stamp;
    } catch {
      return;
    }
    if (!fresh || fresh.length === 0) return;
    this.#read = fresh;
    this.version += 1;
    this.#changed();
  }
}
