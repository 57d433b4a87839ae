// Opens a report in Chromium for tests, and records everything that the page does besides showing the report.
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM } from './chromium';

/**
 * Arguments for the browser. `--no-sandbox` is needed for root. The other flags stop the browser's own network
 * requests.
 */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });

export interface PageOptions {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  /** The fragment of the URL, after `#`. */
  readonly hash?: string;
  readonly script?: boolean;
}

export interface ReportPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors in the page, console messages, dialogs, and requests for anything other than the page. */
  readonly troubles: readonly string[];
}

/** Opens a report file in a new browser context. */
export async function openReport(browser: Browser, file: string, options: PageOptions = {}): Promise<ReportPage> {
  const { width = 1400, scheme = 'light', hash = '', script = true } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    javaScriptEnabled: script,
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  const address = `file://${file}`;
  page.on('console', (message) => troubles.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address && !request.url().startsWith('data:'))
      troubles.push(`request: ${request.url()}`);
  });
  await page.goto(hash === '' ? address : `${address}#${hash}`);
  return { page, troubles, [Symbol.asyncDispose]: () => context.close() };
}
