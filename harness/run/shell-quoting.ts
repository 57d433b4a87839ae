// Prints command lines that a user can paste into a shell.

const PLAIN = /^[\w@%+=:,./-]+$/;

/** Joins arguments into a command line, and quotes each argument that a shell would not read as one plain word. */
export const quotedCommand = (args: readonly string[]): string =>
  args.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
