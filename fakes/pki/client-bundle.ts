// Keeps the authorities whose client certificates a server accepts: fixed authorities, and authorities in a file that
// may change.
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { errorCodeOrText } from '../base/error-text';
import { UserError } from '../base/user-error';

/** Time between two checks of the file, milliseconds of real time. */
const CHECK_EVERY_MS = 1000;
const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Reads the certificates in PEM text and skips other blocks. Throws an Error if a certificate is not valid. */
function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
}

/** Returns a text that changes whenever the file changes. */
const stampOf = (file: string) => {
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs}/${size}/${ino}`;
};

/** A bundle of certificate authorities. */
export class ClientBundle {
  /** Increases whenever the file has new authorities. */
  version = 0;
  #read: readonly X509Certificate[] = [];
  #stamp = '';
  #checkedAt = performance.now();
  #changed: () => void = () => {};

  /**
   * Reads the file.
   *
   * @param fixed authorities that are always accepted, in PEM
   * @param file path of a PEM file; undefined if there is no file
   * @throws UserError if the file cannot be read or contains no certificate
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
        `clientCAFile ${file} cannot be read (${errorCodeOrText(error)}): name an existing PEM file.`,
      );
    }
    this.#read = this.#parse(text) ?? [];
    if (this.#read.length === 0)
      throw new UserError(`clientCAFile ${file} contains no certificate in PEM: add one or name another file.`);
  }

  #parse(text: string): X509Certificate[] | undefined {
    try {
      return certificatesIn(text);
    } catch {
      return undefined;
    }
  }

  /** Sets the action that runs whenever the file has new authorities. */
  onChange(action: () => void): void {
    this.#changed = action;
  }

  /** All authorities. */
  get authorities(): readonly X509Certificate[] {
    return [...this.fixed.flatMap(certificatesIn), ...this.#read];
  }

  /** All authorities in PEM. */
  get pem(): readonly string[] {
    return [...this.fixed, ...this.#read.map(String)];
  }

  /** Reads the file again if it has changed. An invalid file changes nothing, as in a kubelet. */
  refresh(): void {
    if (this.file === undefined || performance.now() - this.#checkedAt < CHECK_EVERY_MS) return;
    this.#checkedAt = performance.now();
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
