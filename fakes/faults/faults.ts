// Keeps the faults of a fake: a plan that can be replaced at any time, and counts of how often its rules were used.
import type { Facts } from './facts';
import { Matcher, type RuleReport } from './matcher';
import { type PlannedRule, readPlan } from './read-plan';
import type { Action, FaultBoundary, FaultRule } from './rule';

const placeOf = (rule: PlannedRule | undefined) => rule?.at !== undefined && { at: rule.at };

const withoutPlace = ({ at: _, ...rule }: PlannedRule): FaultRule => rule;

/** A fault plan that can be replaced at any time, with counts of how often its rules were used. */
export class Faults {
  readonly #matcher = new Matcher();

  /**
   * Replaces all rules, and sets all counts to 0.
   * @throws UserError if a rule contradicts itself or does not match the plan's schema; the previous rules then remain
   */
  set(rules: readonly FaultRule[]): void {
    const checked = readPlan(JSON.stringify(rules.map(withoutPlace)), 'faults', false);
    this.#matcher.set(checked.map((rule, index) => ({ ...rule, ...placeOf(rules[index]) })));
  }

  /** Removes all rules. */
  clear(): void {
    this.#matcher.set([]);
  }

  /** All rules, each with the number of calls that it matched and how often it was used. */
  get report(): readonly RuleReport[] {
    return this.#matcher.report;
  }

  /** The rules that were never used. */
  get unused(): readonly PlannedRule[] {
    return this.report.filter(({ used }) => used === 0).map(({ rule }) => rule);
  }

  /**
   * Returns the action of the rule that applies to a call, and counts the rule as used. Returns undefined if no rule
   * applies.
   * @param facts called only if there is a rule for this boundary
   */
  take(boundary: FaultBoundary, facts: () => Facts): Action | undefined {
    return this.#matcher.take(boundary, facts);
  }
}

/** Returns the sentence that reports a rule that was never used. */
export const unusedSentence = ({ at, match, do: action }: PlannedRule): string =>
  `${at}: this fault was never used: ${JSON.stringify({ match: match ?? {}, do: action })}`;
