// Where the links of an archive lead once it is unpacked: through other links of it too.
import path from 'node:path';
import type { Entry } from './tar-scan';

const HARD_LINK = '1';
export const LINK = '2';

/** Linux follows no more links than these on one path. */
const MAX_FOLLOWED = 40;
/** Work that is done for all paths together, in characters and parts of paths: a checkpoint has no link at all, or few. */
const MAX_WORK = 20_000_000;

class Tree {
  /** What links point to, by where they lie. */
  readonly #targets = new Map<string, string>();
  #work = 0;

  add({ name, linkTarget }: Entry): void {
    const directory = this.reach(path.posix.dirname(name));
    if (directory) this.#targets.set([...directory, path.posix.basename(name)].join('/'), linkTarget);
  }

  /** The parts of the path that a path comes to; undefined where that is outside, or too far to tell. */
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

/** Links that point out of the directory of unpacking. */
export function linksOutside(entries: readonly Entry[]): Entry[] {
  const tree = new Tree();
  for (const entry of entries) if (entry.type === LINK) tree.add(entry);
  return entries.filter(({ name, type, linkTarget }) => {
    if (type !== LINK && type !== HARD_LINK) return false;
    const from = type === LINK ? `${path.posix.dirname(name)}/` : '';
    return linkTarget.startsWith('/') || tree.reach(from + linkTarget) === undefined;
  });
}
