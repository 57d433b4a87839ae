// The latest answers to a list: kept until something changes, and packed where they are long and asked for again.
import { gzip } from 'node:zlib';
import { MAX_MESSAGE_BYTES } from '../../../proto/load';
import { withBytes } from '../grpc/encoded';

/** Shorter lists are not worth packing (bytes); longer ones than a message may be are refused, packed or not. */
const WORTH_PACKING = 64 * 1024;
/** How often a list must have been asked for unchanged. */
const ASKED_AGAIN = 3;
/** Shorter lists are made as fast as they are kept. */
const WORTH_KEEPING = 16 * 1024;

export interface NewList<Answer extends object> {
  readonly list: Answer;
  readonly bytes: Buffer;
  /** As the call log keeps it. */
  readonly summary: object;
}

interface Kept<Answer> {
  readonly version: number;
  readonly answer: Answer;
}

export class RecentLists<Answer extends object> {
  readonly #kept = new Map<string, Kept<Answer>>();

  /**
   * The kept answer of a key where it is of this version, else a new one.
   *
   * @param key what was asked for; undefined for what is not worth remembering
   */
  answer(version: number, key: string | undefined, make: () => NewList<Answer>): Answer {
    const kept = key === undefined ? undefined : this.#kept.get(key);
    if (kept?.version === version) return kept.answer;
    const { list, bytes, summary } = make();
    const answer = withBytes(list, bytes, { summary: () => summary, packed: packer(bytes) });
    if (key !== undefined && bytes.length >= WORTH_KEEPING) this.#kept.set(key, { version, answer });
    else if (key !== undefined) this.#kept.delete(key);
    return answer;
  }
}

/** Hands out bytes as gzip, once they were asked for often enough and have been packed beside other work. */
function packer(bytes: Buffer): () => Buffer | undefined {
  let asked = 0;
  let packed: Buffer | undefined;
  if (bytes.length < WORTH_PACKING || bytes.length > MAX_MESSAGE_BYTES) return () => undefined;
  return () => {
    asked += 1;
    if (asked === ASKED_AGAIN)
      gzip(bytes, (error, result) => {
        if (!error) packed = result;
      });
    return packed;
  };
}
