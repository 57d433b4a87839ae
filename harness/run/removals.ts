// Tracks the removal of what specs created. Removals continue while the next specs run.
import { leftOf } from '../targets/subject/removal';
import type { Target } from '../targets/target';

/** Maximum number of concurrent removals. While so many removals are in progress, the next spec waits. */
const MAX_UNDER_WAY = 8;

export class Removals {
  /** Descriptions of what could not be removed, each with the error. */
  readonly left: string[] = [];
  readonly #underWay = new Map<Promise<void>, Target>();

  /** Tracks a removal on a target. */
  add(removal: Promise<unknown>, target: Target): void {
    const noted = removal.then(
      () => {},
      (error: unknown) => void this.left.push(...leftOf(error)),
    );
    this.#underWay.set(noted, target);
    void noted.then(() => this.#underWay.delete(noted));
  }

  /** Waits while too many removals are in progress. */
  async room(): Promise<void> {
    while (this.#underWay.size >= MAX_UNDER_WAY) await Promise.race(this.#underWay.keys());
  }

  /** Waits until all removals on a target have ended. */
  async all(target: Target): Promise<void> {
    const ofTarget = () => [...this.#underWay].filter(([, on]) => on === target).map(([removal]) => removal);
    for (let under = ofTarget(); under.length > 0; under = ofTarget()) await Promise.all(under);
  }
}
