import { describe, expect, it } from "vitest";
import { readOptions } from "../../dev/demo/options.ts";

function read(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const asked = readOptions(argv, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { asked, out: out.join("\n"), err: err.join("\n") };
}

describe("the command line of npm start", () => {
  it("needs nothing", () => {
    expect(read().asked).toEqual({
      kind: "run",
      options: {
        data: ".pointsman",
        once: false,
        json: false,
        network: undefined,
        demo: true,
        port: undefined,
        databaseUrl: undefined,
        timeoutMs: undefined,
        clouds: undefined,
        platforms: ["aws"],
      },
    });
  });

  it("takes every option", () => {
    const line = "--data /tmp/x --once --json --network my.yaml --port 9443 --timeout 5s";
    const { asked } = read(...line.split(" "), "--database", "http://127.0.0.1:8000");

    expect(asked).toEqual({
      kind: "run",
      options: {
        data: "/tmp/x",
        once: true,
        json: true,
        network: "my.yaml",
        demo: true,
        port: 9443,
        databaseUrl: "http://127.0.0.1:8000",
        timeoutMs: 5_000,
        clouds: undefined,
        platforms: ["aws"],
      },
    });
    expect(read("--platforms", "gcp,aws").asked).toMatchObject({ options: { platforms: ["aws", "gcp"] } });
    expect(read("--clouds", "hetzner,aws").asked).toMatchObject({ options: { clouds: ["aws", "hetzner"] } });
    expect(read("--no-demo").asked).toMatchObject({ options: { demo: false } });
  });

  it.each([
    ["--frobnicate", "unknown option '--frobnicate'"],
    ["surplus", "too many arguments"],
    ["--port 0", "a port is a number from 1 to 65535"],
    ["--port 65536", "a port is a number from 1 to 65535"],
    ["--port x", "a port is a number from 1 to 65535"],
    ["--database 127.0.0.1:8000", "like http://127.0.0.1:8000"],
    ["--database http://", "like http://127.0.0.1:8000"],
    ["--database ftp://127.0.0.1", "like http://127.0.0.1:8000"],
    ["--clouds ibm", "names of aws, azure, gcp, oci, hetzner, with commas"],
    ["--clouds aws,aws", "names of aws"],
    ["--platforms gcp", "aws, or aws,gcp"],
    ["--platforms aws,azure", "cannot be had from npm"],
    ["--clouds aws --network my.yaml", "it does not go with --network"],
    ["--timeout 4s", "from 5s to 10m"],
    ["--timeout 11m", "from 5s to 10m"],
    ["--timeout soon", "from 5s to 10m"],
    ["--data", "argument missing"],
    ["--no-demo --once", "do not go with --no-demo"],
    ["--no-demo --json", "do not go with --no-demo"],
  ])("refuses %s with exit code 2 and says why", (line, reason) => {
    const { asked, out, err } = read(...line.split(" "));

    expect(asked).toEqual({ kind: "end", exitCode: 2 });
    expect(err).toContain(reason);
    expect(err).toContain("--help");
    expect(out).toBe("");
  });

  it("shows help with examples and exit codes", () => {
    const { asked, out } = read("--help");

    expect(asked).toEqual({ kind: "end", exitCode: 0 });
    for (const option of [
      "--data",
      "--once",
      "--json",
      "--network",
      "--no-demo",
      "--port",
      "--database",
      "--timeout",
    ]) {
      expect(out).toContain(option);
    }
    expect(out).toContain("Examples:");
    expect(out).toContain("Exit codes:");
  });
});
