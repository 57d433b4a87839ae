// Reads the members of an archive for an inspection. A member that cannot be read becomes a finding.
import type { CriuMessage, CriuMessageName } from '../../proto/load';
import { BrokenImage } from '../../specs/archive-file/criu-image';
import { imageMagic } from '../../specs/archive-file/criu-magic';
import { type Archive, BadMember } from '../../specs/archive-file/reader';
import type { TarMember } from '../../specs/archive-file/tar-walk';
import type { Findings } from './findings';

export class Contents {
  constructor(
    readonly archive: Archive,
    readonly findings: Findings,
  ) {}

  member(path: string): TarMember | undefined {
    return this.archive.member(path);
  }

  /**
   * Returns the JSON of a member. If the member is missing or is not JSON, adds a finding and returns undefined.
   *
   * @param quiet if set, adds no finding, because a rule of the suite reports the same defect
   */
  async json(path: string, quiet?: 'quiet'): Promise<unknown> {
    const member = this.member(path);
    // If the archive ends within this member, there is already a finding about that.
    if (!member || member.present < member.size) return undefined;
    try {
      return await this.archive.json(path);
    } catch (error) {
      if (!(error instanceof BadMember)) throw error;
      if (!quiet) this.findings.add('inspect/unreadable-metadata', error.message, path);
      return undefined;
    }
  }

  /** Reads an image. If it cannot be read, adds a finding and returns undefined. */
  async attempt<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof BrokenImage)) throw error;
      this.findings.add('inspect/unreadable-image', error.message, error.image);
      return undefined;
    }
  }

  /** Yields messages up to the first unreadable message, and adds a finding about that message. */
  async *upToBroken<T>(messages: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = messages[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.attempt(() => iterator.next());
        if (!next || next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  /** Reads the messages of an image. */
  messages<Name extends CriuMessageName>(path: string, name: Name): AsyncGenerator<CriuMessage<Name>> {
    return this.upToBroken(this.archive.messages(path, name));
  }

  /**
   * Returns the first message of an image; undefined if there is no message or it cannot be read. An unreadable message
   * adds a finding.
   */
  async first<Name extends CriuMessageName>(path: string, name: Name): Promise<CriuMessage<Name> | undefined> {
    const message = await this.attempt(() => this.archive.first(path, name));
    this.expectMessage(path);
    return message;
  }

  /** Adds a finding if an image has no message after its magic numbers. */
  expectMessage(path: string): void {
    const isBare = this.member(path)?.present === 4 * (imageMagic(path)?.length ?? 2);
    if (isBare) this.findings.add('inspect/unreadable-image', `${path} has no message`, path);
  }
}
