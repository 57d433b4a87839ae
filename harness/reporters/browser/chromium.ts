// Finds the browser for the tests of the HTML report: Debian's Chromium, or the program in the variable CHROMIUM.
import fs from 'node:fs';

export const CHROMIUM = process.env['CHROMIUM'] || '/usr/bin/chromium';

/** Returns instructions if the browser is not installed; undefined if it is installed. */
export function missingChromium(): string | undefined {
  try {
    fs.accessSync(CHROMIUM, fs.constants.X_OK);
    return undefined;
  } catch {
    return `${CHROMIUM}: there is no browser to open the report in; install Debian's with harness/reporters/browser/install-chromium.sh, or name one in CHROMIUM`;
  }
}
