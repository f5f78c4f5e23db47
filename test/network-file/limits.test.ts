import { describe, expect, it } from "vitest";
import { networkFileLimits } from "../../shared/domain/limits.ts";
import { mistakesOf, sample, sampleWith } from "./files.ts";

const bounds = networkFileLimits;

/** A link of locations with as many hosts and networks each, with addresses that no other link number has. */
function link(number: number, size: { locations: number; hosts?: number; networks?: number }): string {
  const { locations, hosts = 1, networks = 1 } = size;
  const lines = [`  link${number}:`, "    locations:"];
  for (let place = 0; place < locations; place++) {
    const list = Array.from({ length: networks }, (_, at) => cidr(number, place * networks + at));
    const names = Array.from({ length: hosts }, (_, at) => `h${at}: {}`);
    lines.push(`      at${place}: { networks: [${list.join(", ")}], hosts: { ${names.join(", ")} } }`);
  }
  return `${lines.join("\n")}\n`;
}

function cidr(number: number, place: number): string {
  return `${number + 1}.${place >> 8}.${place & 255}.0/24`;
}

const file = (...links: readonly string[]) => `version: 1\nlinks:\n${links.join("")}`;
const many = <T>(count: number, make: (at: number) => T) => Array.from({ length: count }, (_, at) => make(at));

describe("bounds of a network file", { timeout: 120_000 }, () => {
  it("takes a network at the bounds of hosts and locations", () => {
    const text = file(
      link(0, { locations: 400, hosts: 2 }),
      link(1, { locations: 400, hosts: 2 }),
      link(2, { locations: 200, hosts: 2 }),
    );

    expect(mistakesOf(text)).toEqual([]);
  });

  it("refuses more locations or hosts than one link may have", () => {
    expect(mistakesOf(file(link(0, { locations: bounds.locationsPerLink + 1 })))).toEqual([
      "line 4: links.link0.locations: 501: more than 500 locations in one link: make two links of it",
    ]);
    expect(mistakesOf(file(link(0, { locations: 267, hosts: 3 })))).toEqual([
      "line 4: links.link0.locations: 801: more than 800 hosts in one link: make two links of it",
    ]);
  });

  it("refuses more links, locations, hosts or networks than a file may have", () => {
    expect(mistakesOf(file(...many(bounds.links + 1, (at) => link(at, { locations: 1 }))))).toEqual([
      "line 2: links: 101: more than 100 links: run a second Pointsman for the rest",
    ]);
    expect(mistakesOf(file(...many(3, (at) => link(at, { locations: 334 }))))).toEqual([
      "line 2: links: 1002: more than 1000 locations in all links: run a second Pointsman for the rest",
    ]);
    expect(mistakesOf(file(...many(3, (at) => link(at, { locations: 96, hosts: 7 }))))).toEqual([
      "line 2: links: 2016: more than 2000 hosts in all links: run a second Pointsman for the rest",
    ]);
    expect(mistakesOf(file(...many(3, (at) => link(at, { locations: 17, networks: 100 }))))).toEqual([
      "line 2: links: 5100: more than 5000 networks in all locations: join neighbours into larger networks",
    ]);
  });

  it("refuses more hosts or networks than a location may have", () => {
    expect(mistakesOf(file(link(0, { locations: 1, hosts: 33 })))).toEqual([
      "line 5: links.link0.locations.at0.hosts: 33: more than 32 hosts in one location: leave some out",
    ]);
    expect(mistakesOf(file(link(0, { locations: 1, networks: 251 })))).toEqual([
      "line 5: links.link0.locations.at0.networks: 251: more than 250 networks in one location: join neighbours into larger networks",
    ]);
  });

  it("refuses more names of peers than a link can have", () => {
    const names = many(bounds.locationsPerLink + 1, (at) => `n${at}`).join(", ");

    expect(
      mistakesOf(
        sampleWith("        networks: [10.0.0.0/16]", `        peers: [${names}]\n        networks: [10.0.0.0/16]`),
      ),
    ).toEqual([
      "line 7: links.backbone.locations.us-east.peers: 501: more than 500 names, as many as a link has: leave some out",
    ]);
  });

  it("refuses more route tables than a VPC has", () => {
    const tables = many(bounds.routeTables + 1, (at) => `rtb-${at}`).join(", ");

    expect(mistakesOf(sampleWith("[rtb-0a1, rtb-0a2]", `[${tables}]`))).toEqual([
      "line 8: links.backbone.locations.us-east.cloud.routeTables: a list of 201: more than 200 route tables, AWS's quota of a VPC: write fewer ids, or all",
    ]);
  });

  it("refuses a text that is too long, counted in bytes", () => {
    const comment = `# ${"é".repeat(bounds.bytes / 2)}\n`;

    expect(mistakesOf(comment + sample)).toEqual([
      "the file: …: more than 1048576 bytes: split it into several networks",
    ]);
  });

  it.each([
    ["brackets in brackets", "[".repeat(100_000), "line 1: the file: …: too many brackets in one another: close some"],
    ["dashes in a row", "- ".repeat(100_000), "line 1: the file: …: too many of - ? : & ! in a row: begin a new line"],
    ["colons in a row", "a: ".repeat(100_000), "line 1: the file: …: too many of - ? : & ! in a row: begin a new line"],
    [
      "anchors in a row",
      "&a ".repeat(100_000),
      "line 1: the file: …: too many of - ? : & ! in a row: begin a new line",
    ],
    [
      "levels by indentation",
      many(200, (at) => `${" ".repeat(at)}a:`).join("\n"),
      "line 82: the file: …: indented by more than 80 columns: indent by two for each level",
    ],
    [
      "escapes without end",
      `version: "${"\\q".repeat(100_000)}"`,
      "line 1: the file: …: a text of more than 4096 characters: shorten it",
    ],
    [
      "empty lines without end",
      "\n".repeat(1_000_000),
      "line 300001: the file: …: more than 300000 words, signs and blanks: leave out what is not needed",
    ],
  ])("refuses %s before the parser sees them", (_, text, line) => {
    expect(mistakesOf(text)).toEqual([line]);
  });

  it("refuses aliases that grow to too many values", () => {
    const levels = many(
      8,
      (at) => `  l${at}: &a${at} [${many(10, () => (at === 0 ? "1" : `*a${at - 1}`)).join(", ")}]`,
    );

    expect(mistakesOf(`version: 1\nlinks:\n${levels.join("\n")}\n`)).toEqual([
      expect.stringMatching(/: "…": more than 100000 values with aliases written out: split the network$/),
    ]);
  });

  it("refuses an alias inside of what it stands for", () => {
    expect(mistakesOf("version: 1\nlinks: &a { b: *a }\n")).toEqual([
      expect.stringMatching(/: nested too deeply, or an alias inside itself$/),
    ]);
  });

  it("shows a hundred mistakes and says that there are more", () => {
    const hosts = many(30, (at) => `h${at}: 7`).join(", ");
    const locations = many(4, (at) => `l${at}: { networks: [10.${at}.0.0/16], hosts: { ${hosts} } }`).join(", ");

    const lines = mistakesOf(file(`  a: { locations: { ${locations} } }\n`));

    expect(lines).toHaveLength(bounds.mistakes + 1);
    expect(lines.at(-1)).toBe("the file: …: more mistakes than the 100 above: correct those and check again");
  });
});
