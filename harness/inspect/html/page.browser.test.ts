// Tests the page of an inspection in Chromium: light and dark, wide and narrow, by keyboard, and printed.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launch, openReport, type PageOptions } from '../../reporters/browser/report-page';
import { inspectArchive } from '../inspect-archive';
import { inspectionPage } from './page';

const MAX_TEST_MS = 120_000;

let directory: string;
let browser: Browser;
let file: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-inspection-page-'));
  browser = await launch();
  file = path.join(directory, 'page.html');
  const archive = path.join(__dirname, '../../../specs/archive/testdata/cri-o-1.37-counter.tar');
  await fs.writeFile(file, inspectionPage(await inspectArchive(archive)));
}, MAX_TEST_MS);
afterAll(async () => {
  await browser.close();
  await fs.rm(directory, { recursive: true });
});

async function on(options: PageOptions, steps: (page: Page) => Promise<void>): Promise<void> {
  await using opened = await openReport(browser, file, options);
  await steps(opened.page);
  expect(opened.troubles).toEqual([]);
}

test.each([
  ['light', 1400],
  ['light', 360],
  ['dark', 1400],
  ['dark', 360],
] as const)('%s, %i pixels wide: nothing is wider than the screen or has too little contrast', (scheme, width) =>
  on({ scheme, width }, async (page) => {
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    const contrast = path.join(__dirname, '../../reporters/browser/contrast.js');
    expect(await page.evaluate(await fs.readFile(contrast, 'utf8'))).toEqual([]);
  }),
);

test('the bars of two processes have one scale', () =>
  on({}, async (page) => {
    const widths = await page.evaluate<number[]>(
      '[...document.querySelectorAll("svg[height=\\"28\\"]")].map((bar) => bar.getBoundingClientRect().width)',
    );
    expect(widths).toHaveLength(2);
    expect(widths[0]).toBe(widths[1]);
  }));

test('a process is closed and opened by keyboard', () =>
  on({}, async (page) => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toMatch(/^1 sh: /);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    expect(await page.getByText('open file or socket').first().isVisible()).toBe(false);
    await page.keyboard.press('Enter');
    expect(await page.getByText('open file or socket').first().isVisible()).toBe(true);
  }));

test('it is printed with everything open', () =>
  on({}, async (page) => {
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
  }));
