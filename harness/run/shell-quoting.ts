// Words as a person can paste them into a shell.

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A command line; what a shell would read as more than a word is quoted. */
export const quotedCommand = (args: readonly string[]): string =>
  args.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
