// The loops over words that a script is in: what each of them has still to go through.

/** The words that are left, by the place of the loop in its script. */
export type WordLoopsState = readonly (readonly [place: number, words: readonly string[]])[];

export class WordLoops {
  // Made for the first loop: most processes have none.
  #left: Map<number, string[]> | undefined;

  begin(place: number, words: readonly string[]): void {
    this.#left ??= new Map();
    // From the back, so that a long loop does not move its words up in every round.
    this.#left.set(place, words.toReversed());
  }

  /** The next word; undefined at the end of the loop. */
  next(place: number): string | undefined {
    const word = this.#left?.get(place)?.pop();
    if (word === undefined) this.#left?.delete(place);
    return word;
  }

  get state(): WordLoopsState {
    return [...(this.#left ?? [])].map(([place, words]) => [place, words.toReversed()]);
  }

  resume(state: WordLoopsState): void {
    for (const [place, words] of state) this.begin(place, words);
  }
}
