// What is wrong with an archive that a container was to be recreated from; each runtime has its own words for it.

/**
 * What a reader of an archive meets: `missing`, `directory` and `unreadable` are about the file, `not-a-tar` and `cut`
 * about its form, the others about one member.
 */
export type ArchiveFaultKind =
  | 'missing'
  | 'directory'
  | 'unreadable'
  | 'not-a-tar'
  | 'cut'
  | 'unsafe-name'
  | 'no-member'
  | 'broken-json'
  | 'broken-member';

export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';

  constructor(
    readonly kind: ArchiveFaultKind,
    /** In the words of Go's packages, where they have some. */
    readonly said: string,
    /** Name of the member that it is about; empty where it is about the whole. */
    readonly member = '',
  ) {
    super(member === '' ? said : `${member}: ${said}`);
  }
}
