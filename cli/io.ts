import { createInterface } from "node:readline/promises";

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

/** The terminal of this process. Colours only on a terminal, and never with NO_COLOR. */
export function systemIo(env: Readonly<Record<string, string | undefined>>): Io {
  const isTty = process.stdout.isTTY === true;
  const noColour = env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "";
  let drawnLines = 0;
  process.stdout.on("error", endOnClosedPipe);
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    redraw(text) {
      const back = drawnLines === 0 ? "" : `\u001b[${drawnLines}A\u001b[0J`;
      process.stdout.write(`${back}${text}\n`);
      drawnLines = text.split("\n").length;
    },
    isTty,
    hasColour: isTty && !noColour && env["TERM"] !== "dumb",
    async confirm(question) {
      if (!isTty || process.stdin.isTTY !== true) return undefined;
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      try {
        return /^y(?:es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
      } finally {
        lines.close();
      }
    },
    interrupted() {
      const controller = new AbortController();
      process.once("SIGINT", () => controller.abort());
      return controller.signal;
    },
  };
}

/** `pointsman … | head` closes our output early: that is no fault. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}
