// Where the browser is that reports are tried in: Debian's, or another by the environment.
import fs from 'node:fs';

export const CHROMIUM = process.env['CHROMIUM'] || '/usr/bin/chromium';

/** What to do where there is none, or undefined where there is one. */
export function missingChromium(): string | undefined {
  try {
    fs.accessSync(CHROMIUM, fs.constants.X_OK);
    return undefined;
  } catch {
    return `${CHROMIUM}: there is no browser to open the report in; install Debian's with harness/reporters/browser/install-chromium.sh, or name one in CHROMIUM`;
  }
}
