// Keeps the loops over words that a script is currently executing, each with its remaining words.

/** The remaining words of each loop, by the loop's position in the script. */
export type WordLoopsState = readonly (readonly [place: number, words: readonly string[]])[];

export class WordLoops {
  // The remaining words by position of the loop. The map is created with the first loop, because most processes have
  // none.
  #left: Map<number, string[]> | undefined;

  begin(place: number, words: readonly string[]): void {
    this.#left ??= new Map();
    // Store the words in reverse, so that taking the next one from a long list is fast.
    this.#left.set(place, words.toReversed());
  }

  /** Removes and returns the next word, or undefined at the end of the loop. */
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
