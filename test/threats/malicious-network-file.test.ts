import { describe, expect, it } from "vitest";
import { InputError } from "../../shared/domain/errors.ts";
import { hostIndex } from "../../shared/domain/network.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";
import { buildAnswer } from "../../shared/protocol/answer.ts";
import { sampleFile, sampleWorld } from "../admin/world.ts";
import { compiled, mistakesOf, sample, sampleWith } from "../network-file/files.ts";

const injections = [
  "x\\n  left=%any",
  "x; reboot",
  "$(reboot)",
  "`reboot`",
  "../../etc/passwd",
  "x y",
  "x#y",
  "x\\0y",
  "\\u202Eevil",
  "conn %default",
];

describe("whoever writes a network file", () => {
  it.each(injections)("gets no text of the form %j into any field that reaches a host or a cloud", (text) => {
    const quoted = `"${text}"`;
    const places: readonly (readonly [replaced: string, by: string])[] = [
      ["ike: aes128-sha256-x25519", `ike: ${quoted}`],
      ["esp: aes128gcm128-x25519", `esp: ${quoted}`],
      ["[10.0.0.0/16]", `[${quoted}]`],
      ["publicAddress: 203.0.113.9", `publicAddress: ${quoted}`],
      ["target: eni-0a1", `target: ${quoted}`],
      ["rtb-0a2", quoted],
      ["vpc: vpc-0a1", `vpc: ${quoted}`],
      ["region: us-east-1", `region: ${quoted}`],
      ["us-east:", `${quoted}:`],
      ["a1: {", `${quoted}: {`],
      ["backbone:", `${quoted}:`],
    ];

    for (const [replaced, by] of places) {
      const mistakes = mistakesOf(sampleWith(replaced, by));
      expect(mistakes, by).not.toEqual([]);
    }
  });

  it("tells hosts nothing but words, addresses and networks: every text of an answer is of its form", () => {
    const [network] = compiled(sample);
    if (network === undefined) throw new Error("the sample compiles");
    const places = [...hostIndex(network).values()];
    const active = new Map(places.map(({ location, host }) => [location.id, host.id]));
    const contact = { publicAddress: "198.51.100.7", address6: "", wgPublicKey: "" };
    const contacts = new Map(places.map(({ host }) => [host.id, contact]));
    const texts: string[] = [];
    const collect = (_key: string, value: unknown) => {
      if (typeof value === "string") texts.push(value);
      return value;
    };

    for (const place of places.filter(({ host }) => !host.static)) {
      JSON.parse(buildAnswer(place, { active, contacts }, true, new Uint8Array(32)), collect);
    }

    expect(texts.length).toBeGreaterThan(50);
    expect(texts.filter((text) => !/^[A-Za-z0-9.:/_-]*$/.test(text))).toEqual([]);
  });

  it.each(["__proto__", "constructor", "hasOwnProperty", "toString"])(
    "changes no object of ours by the key %s",
    (key) => {
      for (const text of [`${key}: { polluted: 1 }\n${sample}`, sample.replace("us-east:", `${key}:`)]) {
        try {
          parseNetworkFile(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }

      expect(({} as { readonly polluted?: number }).polluted).toBeUndefined();
    },
  );

  it("changes nothing by a plan, and by an apply that takes routes away only if that was said", async () => {
    const world = await sampleWorld();
    const file = sampleFile.replace("[10.1.0.0/16]", "[10.9.0.0/16]");
    const { writes } = world.database;

    expect((await world.post("plan", { file })).status).toBe(200);
    expect(world.database.writes).toBe(writes);
    expect((await world.post("apply", { file })).status).toBe(409);
    expect((await world.network()).version).toBe(1);
  });
});
