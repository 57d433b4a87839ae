// Tests the HTML report of a real run in Chromium, with a mouse and with a keyboard only.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { specs } from '../../../specs/index';
import { ckptest } from '../../testing/command-line';
import { htmlPage } from '../html/page';
import { sampleReport } from '../testing/sample-report';
import { launch, openReport, type PageOptions } from './report-page';

const MAX_TEST_MS = 60_000;
const GROUP = 'kubelet/status-codes';
const FAILING_NAME = 'unknown-pod-is-404';
const FAILING = `${GROUP}/${FAILING_NAME}`;
const WIDTHS = [390, 1400] as const;
const SCHEMES = ['light', 'dark'] as const;

let directory: string;
let browser: Browser;
let real: string;
let hostile: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-browser-'));
  browser = await launch();
  const args = ['run', '--focus', '^kubelet/(status-codes|gate|timeout)/', '--mutant', 'kubelet-unknown-pod-is-500'];
  await ckptest([...args, '--report-dir', directory]);
  real = path.join(directory, 'report.html');
  hostile = path.join(directory, 'hostile.html');
  await fs.writeFile(hostile, htmlPage(sampleReport()));
}, MAX_TEST_MS);
afterAll(async () => {
  await browser.close();
  await fs.rm(directory, { recursive: true });
});

/** Opens a report, runs the steps, and checks that the page caused no errors and no network requests. */
async function on(file: string, options: PageOptions, steps: (page: Page) => Promise<void>): Promise<void> {
  await using report = await openReport(browser, file, options);
  await steps(report.page);
  expect(report.troubles).toEqual([]);
}

const RED = ['unknown-namespace-is-404', FAILING_NAME, 'nothing-known-is-404'].map((name) => `${GROUP}/${name}`);
const levelOf = (id: string) => specs.find((spec) => spec.id === id)?.level;
const rule = (page: Page, id: string) => page.locator(`.rule[data-id="${id}"]`);
const shown = async (page: Page): Promise<string[]> =>
  (await page.locator('.rule:visible').all()).length === 0
    ? []
    : await page.evaluate(
        '[...document.querySelectorAll(".rule")].filter((one) => one.checkVisibility()).map((one) => one.dataset.id)',
      );
const openSkipped = (page: Page) =>
  page.evaluate('for (const one of document.querySelectorAll(".skipped-group")) one.open = true');
const OPEN_ALL = 'for (const one of document.querySelectorAll("details")) one.open = true';
const countText = (page: Page, count: number) => page.getByText(`${count} of ${specs.length} rules`, { exact: true });

test(
  'opens with the verdict, and contains every rule of the catalogue',
  () =>
    on(real, {}, async (page) => {
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/^\d+ of \d+ rules fail$/);
      expect(await page.title()).toMatch(/^ckptest: \d+ of \d+ rules fail$/);
      expect(await page.locator('.skipped-group .rule:visible').count()).toBe(0);
      await openSkipped(page);
      expect(new Set(await shown(page))).toEqual(new Set(specs.map(({ id }) => id)));
      await countText(page, specs.length).waitFor();
    }),
  MAX_TEST_MS,
);

describe('filters the list', () => {
  const cases: readonly (readonly [
    by: string,
    act: (page: Page) => Promise<unknown>,
    left: (id: string) => boolean,
  ])[] = [
    ['status', (page) => page.locator('.choice', { hasText: /fail \d/ }).click(), (id) => RED.includes(id)],
    ['level', (page) => page.getByRole('checkbox', { name: 'hardening' }).check(), (id) => levelOf(id) === 'hardening'],
    [
      'group',
      (page) => page.getByRole('combobox').selectOption('kubelet/gate'),
      (id) => id.startsWith('kubelet/gate/'),
    ],
    ['text', (page) => page.getByLabel('Text').fill(FAILING_NAME.toUpperCase()), (id) => id === FAILING],
    ['a tile', (page) => page.locator('.tile.fail').click(), (id) => RED.includes(id)],
    [
      'a cell of the table',
      (page) => page.getByRole('button', { name: /^kubelet\/gate, observed: / }).click(),
      (id) => id.startsWith('kubelet/gate/') && levelOf(id) === 'observed',
    ],
  ];

  test.each(cases)(
    'by %s, and resets',
    (_, act, left) =>
      on(real, {}, async (page) => {
        await act(page);
        const wanted = specs.map(({ id }) => id).filter(left);
        await countText(page, wanted.length).waitFor();
        expect((await shown(page)).sort()).toEqual(wanted.sort());
        await page.getByRole('button', { name: 'Show all' }).click();
        await countText(page, specs.length).waitFor();
      }),
    MAX_TEST_MS,
  );

  test(
    'and a group says how many of its rules are shown, and opens while a filter shows its skipped rules',
    () =>
      on(real, {}, async (page) => {
        await page.locator('.tile.fail').click();
        const total = specs.filter(({ id }) => id.startsWith(`${GROUP}/`)).length;
        const heading = page.locator(`[data-group="${GROUP}"] h3`);
        expect(await heading.textContent()).toBe(`${GROUP} ${RED.length} of ${total}`);
        await page.getByRole('checkbox', { name: 'skipped' }).check();
        expect(await page.locator('.skipped-group .rule:visible').count()).toBeGreaterThan(0);
        await page.getByRole('button', { name: 'Show all' }).click();
        await page.locator('.skipped-group .rule').first().waitFor({ state: 'hidden' });
        expect(await heading.textContent()).toBe(`${GROUP} ${total}`);
      }),
    MAX_TEST_MS,
  );

  test(
    'to no rules, with a message',
    () =>
      on(real, {}, async (page) => {
        await page.getByLabel('Text').fill('no rule has these words');
        await page.getByText('No rule matches.').waitFor();
        expect(await shown(page)).toEqual([]);
      }),
    MAX_TEST_MS,
  );
});

describe('a failing rule shows its exchange', () => {
  const exchange = (page: Page) => rule(page, FAILING).getByText(/POST \/checkpoint\/.*ckptest-absent/);

  test(
    'by mouse',
    () =>
      on(real, {}, async (page) => {
        expect(await exchange(page).isVisible()).toBe(false);
        await rule(page, FAILING).locator('summary').first().click();
        await exchange(page).waitFor();
        expect(await rule(page, FAILING).textContent()).toMatch(
          /HTTP 500 with the body.*ExpectedHTTP 404.*npx ckptest run --mutant/s,
        );
      }),
    MAX_TEST_MS,
  );

  test(
    'by keyboard alone: the first Tab skips to the list, Enter opens, Space closes',
    () =>
      on(real, {}, async (page) => {
        await page.keyboard.press('Tab');
        expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the results');
        await page.keyboard.press('Enter');
        const isThere = `document.activeElement === document.querySelector('.rule[data-id="${FAILING}"] > summary')`;
        for (let steps = 0; steps < 2 * specs.length && !(await page.evaluate(isThere)); steps++)
          await page.keyboard.press('Tab');
        expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
        await page.keyboard.press('Enter');
        await exchange(page).waitFor();
        await page.keyboard.press('Space');
        await exchange(page).waitFor({ state: 'hidden' });
      }),
    MAX_TEST_MS,
  );

  test(
    'by a link in the list of failures, even while a filter hides the rule',
    () =>
      on(real, {}, async (page) => {
        await page.getByRole('checkbox', { name: 'hardening' }).check();
        await page.getByRole('link', { name: FAILING }).press('Enter');
        await exchange(page).waitFor();
      }),
    MAX_TEST_MS,
  );

  test(
    'by a link to a rule in a collapsed group',
    () =>
      on(real, { hash: 'rule:runtime/location/empty-is-refused' }, (page) =>
        rule(page, 'runtime/location/empty-is-refused').locator('.body').waitFor(),
      ),
    MAX_TEST_MS,
  );

  test('by its URL', () => on(real, { hash: `rule:${FAILING}` }, (page) => exchange(page).waitFor()), MAX_TEST_MS);

  test(
    'when it is printed, and is closed again afterwards',
    () =>
      on(real, {}, async (page) => {
        await page.evaluate(
          'addEventListener("beforeprint", () => { window.printed = document.querySelectorAll(".rule.fail[open]").length })',
        );
        expect((await page.pdf()).length).toBeGreaterThan(10_000);
        expect(await page.evaluate('window.printed')).toBe(RED.length);
        await exchange(page).waitFor({ state: 'hidden' });
      }),
    MAX_TEST_MS,
  );
});

describe.each(WIDTHS)('%i pixels wide', (width) => {
  const kinds = SCHEMES.flatMap((scheme) => [
    { scheme, of: 'a real run', file: () => real },
    { scheme, of: 'hostile texts', file: () => hostile },
  ]);
  test.each(kinds)(
    'in $scheme mode with everything of $of open, nothing is wider than the screen or has too little contrast',
    ({ scheme, file }) =>
      on(file(), { width, scheme }, async (page) => {
        await page.evaluate(OPEN_ALL);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        expect(await page.evaluate(await fs.readFile(path.join(__dirname, 'contrast.js'), 'utf8'))).toEqual([]);
      }),
    MAX_TEST_MS,
  );
});

test(
  'text from a target is not interpreted as HTML',
  () =>
    on(hostile, {}, async (page) => {
      await page.evaluate(OPEN_ALL);
      expect(await page.title()).toBe('ckptest: 1 of 4 rules fails, 1 known failure, 1 rule could not be judged');
      expect(await page.locator('img, iframe, script:not(body > script)').count()).toBe(0);
      expect(await page.locator('.rule.fail .answer').first().textContent()).toContain(
        '<img src="https://example.invalid/x"',
      );
    }),
  MAX_TEST_MS,
);

test(
  'without JavaScript every rule is shown, and no control without function',
  () =>
    on(real, { script: false }, async (page) => {
      const skipped = await page.locator('.skipped-group .rule').count();
      expect(await page.locator('.rule:visible').count()).toBe(specs.length - skipped);
      await page.locator('.skipped-group > summary').first().click();
      expect(await page.locator('.rule:visible').count()).toBeGreaterThan(specs.length - skipped);
      expect(await page.locator('.filters').isVisible()).toBe(false);
      await rule(page, FAILING).locator('summary').first().click();
      await rule(page, FAILING).getByText('HTTP 404', { exact: true }).waitFor();
    }),
  MAX_TEST_MS,
);
