// `npm run test:report`: tests the HTML report in a real browser. Without a browser it fails.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { missingChromium } from './chromium';

const BROKEN = 2;
const ROOT = path.join(__dirname, '../../../..');

const missing = missingChromium();
if (missing !== undefined) {
  process.stderr.write(`test:report: ${missing}\n`);
  process.exitCode = BROKEN;
} else {
  // Override the test pattern and the ignored paths, because the normal jest configuration excludes these tests.
  const args = ['--testMatch', '**/*.browser.test.ts', '--testPathIgnorePatterns', '/node_modules/', '--runInBand'];
  const { status } = spawnSync(process.execPath, [path.join(ROOT, 'node_modules/jest/bin/jest.js'), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  process.exitCode = status ?? BROKEN;
}
