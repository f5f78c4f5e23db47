import { describe, expect, it } from "vitest";
import { ServeError } from "../../serve/error.ts";
import { isEndpoint, type ServeOptions, settle } from "../../serve/settings.ts";

/** What a refusal says, with what to do. */
function refusal(options: ServeOptions, env: Record<string, string> = {}): string {
  try {
    settle(options, env);
  } catch (error) {
    if (error instanceof ServeError) return `${error.kind}: ${error.message}: ${error.next}`;
    throw error;
  }
  throw new Error("was taken");
}

const shared = { table: "t", region: "eu-central-1", stage: "prod", tlsCert: "c", tlsKey: "k" } as const;

describe("the settings of a server", () => {
  it("keep everything in one folder with --data alone", () => {
    expect(settle({ data: "d" }, {})).toMatchObject({
      dataPath: "d",
      database: { kind: "embedded" },
      keys: { kind: "data" },
      tls: { kind: "self-signed" },
      host: undefined,
      port: 8443,
      endpoints: [],
      drainMs: 0,
    });
  });

  it("take DynamoDB of a region, and secrets of a stage", () => {
    expect(settle(shared, {})).toMatchObject({
      dataPath: undefined,
      database: { kind: "aws", table: "t", region: "eu-central-1" },
      keys: { kind: "stage", stage: "prod", region: "eu-central-1" },
      tls: { kind: "files", certPath: "c", keyPath: "k" },
    });
    expect(settle({ ...shared, region: undefined as never }, { AWS_REGION: "eu-west-1" }).database).toMatchObject({
      region: "eu-west-1",
    });
  });

  it("enter an address of AWS with its credentials, and any other without", () => {
    const at = (databaseUrl: string) => settle({ ...shared, databaseUrl }, {}).database;

    expect(at("https://vpce-1.dynamodb.eu-central-1.vpce.amazonaws.com")).toMatchObject({ kind: "url", isAws: true });
    expect(at("http://10.0.0.5:8000")).toMatchObject({ kind: "url", isAws: false });
    expect(at("http://dynamodb.amazonaws.com.example.org")).toMatchObject({ isAws: false });
  });

  it("never let a shared database meet a master key that was just made", () => {
    expect(refusal({ databaseUrl: "http://db:8000", data: "d" })).toMatch(
      /usage: no place of the master key.*--secrets/,
    );
    expect(settle({ databaseUrl: "http://db:8000", data: "d", secrets: "s" }, {}).keys).toEqual({
      kind: "folder",
      path: "s",
    });
  });

  it("serve plain HTTP to this machine alone", () => {
    expect(settle({ data: "d", http: true }, {})).toMatchObject({
      host: "127.0.0.1",
      port: 8080,
      tls: { kind: "none" },
    });
    expect(settle({ data: "d", http: true, host: "::1" }, {}).host).toBe("::1");
    for (const host of ["0.0.0.0", "10.0.0.5", "127.example.com", "::"]) {
      expect(refusal({ data: "d", http: true, host })).toContain(`--http with --host ${host} would send`);
    }
  });

  it.each<[string, ServeOptions, RegExp]>([
    ["no database", {}, /no database is named: give --data DIR/],
    ["a table without a region", { table: "t", stage: "s" }, /--table t needs an AWS region: give --region/],
    ["a stage without a region", { data: "d", stage: "s" }, /--stage s needs an AWS region/],
    ["a certificate without its key", { data: "d", tlsCert: "c" }, /--tls-cert is given without --tls-key/],
    ["a key without its certificate", { data: "d", tlsKey: "k" }, /--tls-key is given without --tls-cert/],
    ["--http and a certificate", { data: "d", http: true, tlsKey: "k" }, /--http and --tls-key do not go together/],
    [
      "no certificate and no folder",
      { table: "t", region: "eu-west-1", stage: "s" },
      /no folder to keep a self-signed one in: give --tls-cert/,
    ],
    ["an endpoint that is none", { data: "d", endpoint: ["a b"] }, /a b is not an endpoint/],
    ["too many endpoints", { data: "d", endpoint: Array.from({ length: 9 }, (_, n) => `h${n}`) }, /9 endpoints/],
  ])("refuse %s and say what to do", (_, options, text) => {
    expect(refusal(options)).toMatch(text);
  });

  it("take endpoints of the environment where none is given", () => {
    expect(settle({ data: "d" }, { POINTSMAN_ENDPOINTS: "a, b:8443," }).endpoints).toEqual(["a", "b:8443"]);
    expect(settle({ data: "d", endpoint: ["c"] }, { POINTSMAN_ENDPOINTS: "a" }).endpoints).toEqual(["c"]);
  });

  it.each<[string, boolean]>([
    ["pm.example.com", true],
    ["pm.example.com:8443", true],
    ["198.51.100.7:1", true],
    ["[2001:db8::1]:443", true],
    ["[2001:db8::1]", true],
    ["2001:db8::1", false],
    ["[10.0.0.1]", false],
    ["pm.example.com:0", false],
    ["pm.example.com:65536", false],
    ["https://pm.example.com", false],
    ["pm.example.com/x", false],
    ["", false],
  ])("know whether %s is an endpoint", (text, isOne) => {
    expect(isEndpoint(text)).toBe(isOne);
  });
});
