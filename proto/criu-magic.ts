// The magic numbers that CRIU image files begin with, from the table of CRIU's `magic.h`.
import table from './tables/criu-images.json';

/** Name of a magic number, as CRIU names it. */
export type CriuMagicName = keyof typeof table.magic;

/** Every image file starts with this word since CRIU 1.6, unless it is the inventory or a service image. */
export const IMG_COMMON_MAGIC = Number(table.magic.IMG_COMMON_MAGIC);
/** Service images, such as the statistics of a dump, start with this word instead. */
export const IMG_SERVICE_MAGIC = Number(table.magic.IMG_SERVICE_MAGIC);

/**
 * Returns the words that an image file begins with.
 *
 * @param name the magic number of the kind of image
 */
export function leadingWords(name: CriuMagicName): readonly number[] {
  const word = Number(table.magic[name]);
  if (name === 'INVENTORY_MAGIC') return [word];
  return [name === 'STATS_MAGIC' ? IMG_SERVICE_MAGIC : IMG_COMMON_MAGIC, word];
}

/**
 * Returns how many words stand before the entries of an image file.
 *
 * @param firstWord the first word of the file, which shows whether a second one follows
 */
export function leadingWordCount(firstWord: number): 1 | 2 {
  return firstWord === IMG_COMMON_MAGIC || firstWord === IMG_SERVICE_MAGIC ? 2 : 1;
}
