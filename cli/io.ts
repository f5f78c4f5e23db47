import { createInterface } from "node:readline/promises";
import { stripVTControlCharacters } from "node:util";

/** The terminal as a port: nothing in the CLI writes to a stream directly. */
export interface Io {
  /** One or more lines to standard output; a line end is added. */
  out(text: string): void;
  /** One or more lines to standard error; a line end is added. */
  err(text: string): void;
  /** Shows `text` in the place of what the call before showed. Only where `isTty`. */
  redraw(text: string): void;
  readonly isTty: boolean;
  readonly hasColour: boolean;
  /** Asks a question that is answered by y or n; undefined where nobody can answer. */
  confirm(question: string): Promise<boolean | undefined>;
  /** A signal that aborts when the user presses Ctrl-C; without a listener the process ends as usual. */
  interrupted(): AbortSignal;
}

/** What a terminal is made of; a process has it all. */
export type Terminal = Pick<NodeJS.Process, "stdout" | "stderr" | "stdin" | "once" | "exit">;

/** The terminal of this process. Colours only on a terminal, and never with NO_COLOR. */
export function systemIo(env: Readonly<Record<string, string | undefined>>, terminal: Terminal = process): Io {
  const { stdout, stderr, stdin } = terminal;
  const isTty = stdout.isTTY === true;
  const noColour = env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "";
  let drawnLines = 0;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    // `pointsman … | head` closes our output early: that is no fault.
    if (error.code !== "EPIPE") throw error;
    terminal.exit(0);
  });
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    redraw(text) {
      // What is higher than the screen cannot be gone back over: it begins at the top again.
      const isHigh = drawnLines >= (stdout.rows || 24);
      const back = drawnLines === 0 ? "" : isHigh ? "\u001b[H" : `\u001b[${drawnLines}A`;
      stdout.write(`${back}${back === "" ? "" : "\u001b[0J"}${text}\n`);
      drawnLines = linesOf(text, stdout.columns || 80);
    },
    isTty,
    hasColour: isTty && !noColour && env["TERM"] !== "dumb",
    async confirm(question) {
      if (!isTty || stdin.isTTY !== true) return undefined;
      const lines = createInterface({ input: stdin, output: stdout });
      try {
        return /^y(?:es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
      } finally {
        lines.close();
      }
    },
    interrupted() {
      const controller = new AbortController();
      terminal.once("SIGINT", () => controller.abort());
      return controller.signal;
    },
  };
}

/** How many lines a text takes on a screen that wraps at `columns`. */
function linesOf(text: string, columns: number): number {
  const heights = text.split("\n").map((line) => Math.ceil(stripVTControlCharacters(line).length / columns) || 1);
  return heights.reduce((sum, height) => sum + height, 0);
}
