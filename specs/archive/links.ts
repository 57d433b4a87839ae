// Resolves the links in an archive, including links whose targets contain other links.
import path from 'node:path';
import type { TarMember } from '../archive-file/tar-walk';

const HARD_LINK = '1';
const LINK = '2';

/** The maximum number of links that Linux follows in one path. */
const MAX_FOLLOWED = 40;
/**
 * Maximum number of characters and path components that are processed for all paths together. Checkpoints have few
 * links.
 */
const MAX_WORK = 20_000_000;

class Tree {
  /** The targets of links, by the paths of the links. */
  readonly #targets = new Map<string, string>();
  #work = 0;

  add({ name, linkTarget }: TarMember): void {
    const directory = this.reach(path.posix.dirname(name));
    if (directory) this.#targets.set([...directory, path.posix.basename(name)].join('/'), linkTarget);
  }

  /**
   * Returns the components of the path to which a path resolves; undefined if the result is outside the archive, or if
   * resolving exceeds MAX_WORK.
   */
  reach(start: string): readonly string[] | undefined {
    const reached: string[] = [];
    let ahead = start.split('/').reverse();
    this.#work += start.length;
    for (let followed = 0; followed <= MAX_FOLLOWED && ahead.length > 0; ) {
      this.#work += 1 + reached.length;
      if (this.#work > MAX_WORK) return undefined;
      const part = ahead.pop() ?? '';
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (reached.pop() === undefined) return undefined;
        continue;
      }
      reached.push(part);
      const target = this.#targets.get(reached.join('/'));
      if (target === undefined) continue;
      if (target.startsWith('/')) return undefined;
      reached.pop();
      followed += 1;
      this.#work += target.length;
      ahead = [...ahead, ...target.split('/').reverse()];
    }
    return reached;
  }
}

/** Returns the links that point outside the directory in which the archive is unpacked. */
export function linksOutside(members: readonly TarMember[]): TarMember[] {
  const tree = new Tree();
  for (const member of members) if (member.type === LINK) tree.add(member);
  return members.filter(({ name, type, linkTarget }) => {
    if (type !== LINK && type !== HARD_LINK) return false;
    const from = type === LINK ? `${path.posix.dirname(name)}/` : '';
    return linkTarget.startsWith('/') || tree.reach(from + linkTarget) === undefined;
  });
}
