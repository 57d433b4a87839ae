// Finds the rule that applies to a call at each boundary, and counts how often each rule was used.
import type { Facts, Subject } from './facts';
import type { PlannedRule } from './read-plan';
import { type Action, actionOf, boundaryOf, type FaultBoundary } from './rule';

/** A rule with its counts. */
export interface RuleReport {
  readonly rule: PlannedRule;
  /** Number of calls that match the rule, without regard to `call` and `times`. */
  readonly seen: number;
  readonly used: number;
}

const SUBJECTS: readonly Subject[] = ['namespace', 'pod', 'container', 'image'];

/** Returns whether a value matches a pattern, in which `*` stands for any number of characters. */
export function matchesPattern(pattern: string, found: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return found === first;
  if (!found.startsWith(first) || found.length < first.length + last.length || !found.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const next = found.indexOf(part, at);
    if (next < 0 || next + part.length > found.length - last.length) return false;
    at = next + part.length;
  }
  return true;
}

class Rule {
  readonly boundary: FaultBoundary;
  seen = 0;
  used = 0;

  constructor(readonly rule: PlannedRule) {
    this.boundary = boundaryOf(rule);
  }

  fits({ method, of }: Facts): boolean {
    const { match = {}, do: action } = this.rule;
    // Only checkpoints write archives, so a rule about archives matches only checkpoints.
    const implied = typeof action === 'object' && action.archive ? 'CheckpointContainer' : undefined;
    const wanted = match.method ?? implied;
    if (wanted !== undefined && !matchesPattern(wanted, method)) return false;
    return SUBJECTS.every((key) => {
      const pattern = match[key];
      return pattern === undefined || of(key).some((name) => matchesPattern(pattern, name));
    });
  }

  get usable(): boolean {
    const { times = 1, match } = this.rule;
    return (times === 'always' || this.used < times) && (match?.call === undefined || match.call === this.seen);
  }
}

export class Matcher {
  #rules: readonly Rule[] = [];

  /** Replaces all rules, and sets all counts to 0. */
  set(rules: readonly PlannedRule[]): void {
    this.#rules = rules.map((rule) => new Rule(rule));
  }

  /**
   * Returns the action of the first rule for a boundary that matches and may still be used, and counts this rule as
   * used. Returns undefined if there is no such rule.
   */
  take(boundary: FaultBoundary, facts: () => Facts): Action | undefined {
    const candidates = this.#rules.filter((rule) => rule.boundary === boundary);
    if (candidates.length === 0) return undefined;
    const known = facts();
    const fitting = candidates.filter((rule) => rule.fits(known));
    for (const rule of fitting) rule.seen += 1;
    const usableRule = fitting.find(({ usable }) => usable);
    if (!usableRule) return undefined;
    usableRule.used += 1;
    return actionOf(usableRule.rule);
  }

  get report(): readonly RuleReport[] {
    return this.#rules.map(({ rule, seen, used }) => ({ rule, seen, used }));
  }
}
