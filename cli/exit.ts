import type { Mistake } from "../shared/domain/errors.ts";

/** What the process ends with. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, unreachable: 3, unauthorised: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitHelp = `
Exit codes:
  0  done
  1  failed, or refused: the message says why and what to do
  2  the command line is wrong
  3  the server cannot be reached
  4  the token is missing or wrong`;

/** A command cannot go on: how to end, a stable code, what happened, and what to do next. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly next: string;
  readonly mistakes: readonly Mistake[] | undefined;

  constructor(
    exitCode: ExitCode,
    code: string,
    message: string,
    options: { next: string; mistakes?: readonly Mistake[] | undefined; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.exitCode = exitCode;
    this.code = code;
    this.next = options.next;
    this.mistakes = options.mistakes;
  }
}

/** The command line asks for something that does not exist or does not go together. */
export function usageError(message: string, next: string): CliError {
  return new CliError(exitCodes.usage, "usage", message, { next });
}
