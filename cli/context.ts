import type { Command } from "commander";
import { type AdminClient, adminClient } from "./client.ts";
import { findConnection } from "./connection.ts";
import { CliError, type ExitCode, exitCodes, usageError } from "./exit.ts";
import type { Io } from "./io.ts";
import { type Style, styleFor } from "./style.ts";
import type { World } from "./world.ts";

/** What every command takes. */
export type GlobalOptions = {
  readonly url?: string;
  readonly token?: string;
  readonly data: string;
  readonly insecure?: boolean;
  readonly as?: string;
  readonly json?: boolean;
};

/** What a command works with. */
export type Context = {
  readonly world: World;
  readonly io: Io;
  readonly style: Style;
  readonly json: boolean;
  readonly global: GlobalOptions;
  /** Throws `CliError` when no server or token is to be found. */
  readonly client: () => Promise<AdminClient>;
  /** Shows a result: the data itself with `--json`, else the text made of it. */
  readonly show: (data: object, text: () => string) => void;
  /** Asks before something is changed. Throws `CliError` when the answer is no, or nobody is there to give one. */
  readonly confirm: (question: string, isAgreed: boolean | undefined) => Promise<void>;
};

export type Action<Options> = (context: Context, options: Options, args: readonly string[]) => Promise<ExitCode>;

/** How a command's action is tied to the command line; `main` provides it. */
export type Bind = <Options extends object>(command: Command, action: Action<Options>) => Command;

/** The context of one command. */
export function createContext(world: World, global: GlobalOptions): Context {
  const { io } = world;
  const json = global.json === true;
  return {
    world,
    io,
    style: styleFor(io.hasColour && !json),
    json,
    global,
    client: async () => adminClient(await findConnection(global, world.env), operatorName(global, world)),
    show: (data, text) => io.out(json ? JSON.stringify(data, undefined, 2) : text()),
    async confirm(question, isAgreed) {
      if (isAgreed === true) return;
      const answer = json ? undefined : await io.confirm(question);
      if (answer === true) return;
      if (answer === undefined)
        throw usageError("nobody is there to confirm this", "add --yes to go on without a question");
      throw new CliError(exitCodes.failed, "not-confirmed", "nothing was done", { next: "answer y to go on" });
    },
  };
}

function operatorName(global: GlobalOptions, world: World): string {
  const name = global.as ?? world.env["POINTSMAN_OPERATOR"];
  if (name !== undefined && name !== "") return nameOf(name);
  return world.userName.replace(/[^A-Za-z0-9._@+-]/g, "").slice(0, 64) || "unknown";
}

/** A name that the header of a request can hold; the server says what a name is. */
function nameOf(text: string): string {
  if (/^[\x20-\x7e]+$/.test(text)) return text;
  throw usageError("the name of who acts is not plain ASCII", "give another with --as or POINTSMAN_OPERATOR");
}

/** Shows why a command failed: one object with `--json`, else lines on standard error. */
export function showError(io: Io, style: Style, json: boolean, error: CliError): void {
  const { code, message, next, mistakes } = error;
  if (json) {
    io.out(
      JSON.stringify({ error: { code, message, ...(mistakes === undefined ? {} : { mistakes }), next } }, undefined, 2),
    );
    return;
  }
  io.err(`${style.bad("pointsman:")} ${message}`);
  for (const { line, field, value, reason } of mistakes ?? []) {
    io.err(`  ${line === undefined ? "" : `line ${line}: `}${field}: ${value}: ${reason}`);
  }
  io.err(`  ${style.dim("what to do:")} ${next}`);
}
