import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { systemIo, type Terminal } from "../../cli/io.ts";

type Screen = { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

function open(screen: Screen, env: Record<string, string> = {}) {
  const stdout = Object.assign(new PassThrough(), screen);
  const stderr = new PassThrough();
  const stdin = Object.assign(new PassThrough(), { isTTY: screen.isTTY });
  const signals = new EventEmitter();
  const exits: number[] = [];
  const terminal = {
    stdout,
    stderr,
    stdin,
    once: (name: string, listener: () => void) => signals.once(name, listener),
    exit: (code: number) => void exits.push(code),
  };
  const io = systemIo(env, terminal as unknown as Terminal);
  return { io, stdout, stdin, signals, exits, written: () => String(stdout.read() ?? "") };
}

describe("the terminal", () => {
  it("has colours where it is one, without NO_COLOR, and not for TERM=dumb", () => {
    expect(open({ isTTY: true }).io.hasColour).toBe(true);
    expect(open({}).io.hasColour).toBe(false);
    expect(open({ isTTY: true }, { NO_COLOR: "1" }).io.hasColour).toBe(false);
    expect(open({ isTTY: true }, { NO_COLOR: "" }).io.hasColour).toBe(true);
    expect(open({ isTTY: true }, { TERM: "dumb" }).io.hasColour).toBe(false);
  });

  it("draws over what it drew, lines that wrapped and colours counted right", () => {
    const { io, written } = open({ isTTY: true, columns: 10, rows: 24 });
    io.redraw("\u001b[31m0123456789\u001b[0m\n01234567890\n");
    expect(written()).not.toContain("\u001b[0J");
    io.redraw("x");
    expect(written()).toBe("\u001b[4A\u001b[0Jx\n");
  });

  it("begins at the top again where what it drew is higher than the screen", () => {
    const { io, written } = open({ isTTY: true, columns: 80, rows: 3 });
    io.redraw("1\n2\n3\n4");
    written();
    io.redraw("x");
    expect(written()).toBe("\u001b[H\u001b[0Jx\n");
  });

  it.each([
    ["y", true],
    ["YES", true],
    ["n", false],
    ["", false],
    ["yep", false],
  ])("takes %j for an answer of %s", async (line, answer) => {
    const { io, stdin, written } = open({ isTTY: true });
    const asked = io.confirm("Go on?");
    stdin.write(`${line}\n`);
    expect(await asked).toBe(answer);
    expect(written()).toContain("Go on? [y/N] ");
  });

  it("asks nobody where nobody is there", async () => {
    expect(await open({}).io.confirm("Go on?")).toBeUndefined();
  });

  it("ends quietly when its reader goes away, and hears Ctrl-C", () => {
    const { io, stdout, signals, exits } = open({ isTTY: true });
    stdout.emit("error", Object.assign(new Error("closed"), { code: "EPIPE" }));
    expect(exits).toEqual([0]);
    const signal = io.interrupted();
    signals.emit("SIGINT");
    expect(signal.aborted).toBe(true);
  });
});
