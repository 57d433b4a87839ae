// Tests that the page of findings has a complete section for each finding, and that every link leads to a section.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { specs } from '../index';
import { FINDINGS, rulesOfFinding } from './findings';

const ROOT = path.join(__dirname, '../..');
const PAGE = 'specs/findings.md';
const page = fs.readFileSync(path.join(ROOT, PAGE), 'utf8');

/** The sections of the page, by the anchor of their heading. */
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);

describe.each(Object.entries(FINDINGS))('%s', (id, { on }) => {
  const section = sections.get(id) ?? '';

  test('has a section with all its parts, and a reproduction if a runtime showed it', () => {
    const parts = [...section.matchAll(/^\*\*([A-Z]\w+(?: lose)?)\*\*/gm)].map(([, part]) => part);
    // A finding that no released runtime showed needs no reproduction.
    const wanted = ['Users lose', 'Reproduce', 'Versions', 'Upstream', 'Rules'];
    expect(parts).toEqual(wanted.filter((part) => on.length > 0 || part !== 'Reproduce' || parts.includes(part)));
    if (parts.includes('Reproduce')) expect(section).toMatch(/```sh\n.*(crictl|curl|grpcurl)/s);
    expect(section).toMatch(/\((measured|read|deduced)|of those that were measured/);
  });

  test('names the rules that it breaks', () => {
    const named = [...((section.split('**Rules**')[1] ?? '').split(/^# /m)[0]?.matchAll(/`([^`]+)`/g) ?? [])];
    expect(named.map(([, rule]) => rule).sort()).toEqual(
      rulesOfFinding(id, specs)
        .map((spec) => spec.id)
        .sort(),
    );
  });
});

test('rules that a finding breaks exist', () => {
  const ids = new Set(specs.map(({ id }) => id));
  const broken = Object.values(FINDINGS).flatMap(({ breaks = [] }) => breaks);
  expect(broken.filter((id) => !ids.has(id))).toEqual([]);
});

test('no two sections have one heading, and every link to a section leads to one', () => {
  expect(sections.size).toBe(page.split(/^## /m).length - 1);
  const files = fs
    .readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(README\.md|(specs|harness|fakes)\/.*\.(md|ts|yaml))$/.test(file));
  const links = files.flatMap((file) =>
    [...fs.readFileSync(path.join(ROOT, file), 'utf8').matchAll(/findings\.md#([a-z][a-z0-9-]*)/g)].map(([, to]) => to),
  );
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((to) => to !== undefined && !sections.has(to))).toEqual([]);
});
