import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { generatedFiles } from "../../scripts/network-schema.ts";
import { networkFileJsonSchema } from "../../shared/network-file/json-schema.ts";
import { reference } from "../../shared/network-file/reference/reference.ts";
import { mistakesOf, sample, sampleWith } from "./files.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const isValid = new Ajv2020({ strict: false }).compile(networkFileJsonSchema());

describe("the published JSON Schema of the network file", () => {
  it.each([...generatedFiles()])("is current in %s (npm run docs:schema)", (path, text) => {
    expect(read(path)).toBe(text);
  });

  it.each(["deploy/network.example.yaml", "deploy/network.mesh.example.yaml"])(
    "takes %s, whose first line names it",
    (path) => {
      expect(read(path)).toMatch(/^# yaml-language-server: \$schema=\.\/network\.schema\.json\n/);
      expect(isValid(parse(read(path)))).toBe(true);
    },
  );

  it("describes every field, with its default where it has one", () => {
    const undescribed: string[] = [];
    const walk = (schema: unknown, path: string) => {
      if (typeof schema !== "object" || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === "properties" && path.endsWith("/then")) continue;
        if (key === "properties" && path.endsWith("/if")) continue;
        if (key === "properties") {
          for (const [field, part] of Object.entries(value as object)) {
            if (!("description" in (part as object))) undescribed.push(`${path}/${field}`);
          }
        }
        walk(value, `${path}/${key}`);
      }
    };
    walk(networkFileJsonSchema(), "");

    expect(undescribed).toEqual([]);
    const host = JSON.stringify(networkFileJsonSchema());
    for (const { notes } of reference) {
      for (const note of Object.values(notes)) {
        if (note.default !== undefined) expect(host).toContain(`"default":${JSON.stringify(note.default)}`);
      }
    }
  });

  it("gives examples that are themselves right", () => {
    const examples: [string, unknown][] = reference.flatMap(({ title, schema, notes }) =>
      Object.entries(notes).flatMap(([field, note]) =>
        note.examples.map((example): [string, unknown] => {
          const result = schema.shape[field]?._zod.run({ value: example, issues: [] }, {});
          return [`${title} ${field}`, result instanceof Promise ? "async" : result?.issues];
        }),
      ),
    );

    expect(examples.filter(([, issues]) => !Array.isArray(issues) || issues.length > 0)).toEqual([]);
  });

  it.each([
    ["version: 1", "version: 2"],
    ["a2: { priority: 10", "a2: { prio: 10"],
    ["timeout: 30s", "timeout: 30"],
    ["[10.0.0.0/16]", "10.0.0.0/16"],
    ["ike: aes128-sha256-x25519", "ike: AES128"],
    ["provider: aws, region: us-east-1", "provider: gcp, region: us-east-1"],
    ["hosts: { b1: { priority: 20 }, b2: {} }", "hosts: {}"],
    ["static: true, publicAddress: 203.0.113.9", "static: true"],
    ["static: true, publicAddress: 203.0.113.9", "static: true, publicAddress: 203.0.113.9, timeout: 30s"],
    [
      "        networks: [10.0.0.0/16]",
      "        peers: [office]\n        excludes: [eu-west]\n        networks: [10.0.0.0/16]",
    ],
    ["us-east:", "us east:"],
  ])("refuses what the parser refuses: %s → %s", (replaced, by) => {
    const text = sampleWith(replaced, by);

    expect(isValid(parse(sample))).toBe(true);
    expect(mistakesOf(text)).not.toEqual([]);
    expect(isValid(parse(text))).toBe(false);
  });
});
