// Prepared responses to ExecSync, set by a test or by the control interface.
import type { Container } from '../state/store';

export interface ExecRule {
  /**
   * The calls to which the rule applies. Every given field must match, and the command must have exactly these
   * arguments.
   */
  readonly match?: {
    readonly namespace?: string;
    readonly pod?: string;
    readonly container?: string;
    readonly command?: readonly string[];
  };
  readonly stdout?: string;
  readonly stderr?: string;
  /** Exit code of the command. Default: 0. */
  readonly exitCode?: number;
  /** How long the command runs, in milliseconds. Default: 0. */
  readonly milliseconds?: number;
}

/** The current rules. The first matching rule is used. */
export class ExecRules {
  rules: readonly ExecRule[];

  constructor(rules: readonly ExecRule[] = []) {
    this.rules = rules;
  }

  /** Returns the first rule that matches a command in a container. */
  find({ config, sandbox }: Container, command: readonly string[]): ExecRule | undefined {
    const pod = sandbox.config.metadata;
    return this.rules.find(({ match = {} }) => {
      const fits = (expected: string | undefined, value: string | undefined) =>
        expected === undefined || expected === value;
      const sameCommand =
        !match.command ||
        (match.command.length === command.length && match.command.every((word, index) => word === command[index]));
      return (
        fits(match.namespace, pod?.namespace) &&
        fits(match.pod, pod?.name) &&
        fits(match.container, config.metadata?.name) &&
        sameCommand
      );
    });
  }
}
