// Provides the magic numbers with which CRIU image files begin, from the table of CRIU's `magic.h`.
import table from './tables/criu-images.json';

/** Name of a magic number, as CRIU names it. */
export type CriuMagicName = keyof typeof table.magic;

/** The first word of image files since CRIU 1.6, except for the inventory and service images. */
export const IMG_COMMON_MAGIC = Number(table.magic.IMG_COMMON_MAGIC);
/** The first word of service images, such as the statistics of a dump. */
export const IMG_SERVICE_MAGIC = Number(table.magic.IMG_SERVICE_MAGIC);

/**
 * Returns the words with which an image file begins.
 *
 * @param name name of the magic number of the kind of image
 */
export function leadingWords(name: CriuMagicName): readonly number[] {
  const word = Number(table.magic[name]);
  if (name === 'INVENTORY_MAGIC') return [word];
  return [name === 'STATS_MAGIC' ? IMG_SERVICE_MAGIC : IMG_COMMON_MAGIC, word];
}

/**
 * Returns the number of words before the entries of an image file.
 *
 * @param firstWord the first word of the file, which shows whether a second word follows
 */
export function leadingWordCount(firstWord: number): 1 | 2 {
  return firstWord === IMG_COMMON_MAGIC || firstWord === IMG_SERVICE_MAGIC ? 2 : 1;
}
