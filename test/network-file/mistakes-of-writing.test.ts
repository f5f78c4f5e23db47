import { describe, expect, it } from "vitest";
import { mistakesOf, sample } from "./files.ts";

/** What is wrong, what of the sample is replaced by what, and every line of the error. */
type Case = readonly [string, readonly (readonly [string, string])[], readonly string[]];

const cases: readonly Case[] = [
  [
    "a name of every object",
    [["          a2:", "          constructor:"]],
    [
      'line 11: links.backbone.locations.us-east.hosts.constructor: "constructor": a name that every object has in JavaScript: choose another',
    ],
  ],
  [
    "the prototype as a key",
    [["  backbone:\n", "  backbone:\n    __proto__: { hostCheck: false }\n"]],
    ['line 4: links.backbone.__proto__: "__proto__": a name that every object has in JavaScript: choose another'],
  ],
  [
    "a repeated host",
    [["          a2:", "          a1:"]],
    ['line 11: links.backbone.locations.us-east.hosts.a1: "a1": stands twice, first on line 10: rename or remove one'],
  ],
  [
    "a repeated field",
    [["  backbone:\n", "  backbone:\n    ipv6: false\n    ipv6: true\n"]],
    [
      'line 5: links.backbone.ipv6: "ipv6": stands twice, first on line 4: rename or remove one',
      'line 20: links.backbone.locations.office.hosts.router.publicAddress: "203.0.113.9": an IPv4 address in a link whose tunnels run over IPv6: write an IPv6 address, or ipv6: false',
    ],
  ],
  [
    "a tag",
    [["networks: [10.0.0.0/16]", "networks: !!set [10.0.0.0/16]"]],
    [
      'line 7: links.backbone.locations.us-east.networks: "tag:yaml.org,2002:set": a tag: write the plain value without it',
    ],
  ],
  [
    "an alias of nothing",
    [["networks: [10.0.0.0/16]", "networks: *nets"]],
    ['line 7: links.backbone.locations.us-east.networks: "*nets": an alias of nothing before it: write the value'],
  ],
  [
    "a merge key",
    [["  backbone:\n", "  backbone:\n    <<: { ipv6: false }\n"]],
    [
      'line 4: links.backbone["<<"]: a map of 1: unknown key: write one of locations, protocol, wgPort, ipv6, ciphers, action, hostCheck, online, tunnelTimeout',
    ],
  ],
  [
    "a key that is a list",
    [["  backbone:\n", "  backbone:\n    [a, b]: 1\n"]],
    ['line 4: the file: "[a, b]: 1": a key that is no plain text: write a name before the colon'],
  ],
  [
    "a second document",
    [["version: 1\n", "version: 1\n---\n"]],
    ['line 2: the file: "---": a second document: write one, without ---'],
  ],
  [
    "tabs for indentation",
    [["    ciphers:", "\tciphers:"]],
    [
      'line 4: the file: "ciphers: { ike: aes128-sha256-x25519, esp: aes128gcm128-x255…": a tab as indentation: write spaces',
      'line 5: the file: "locations:": not YAML: All mapping items must start at the same column: correct this line',
    ],
  ],
  [
    "an open bracket",
    [["[10.0.0.0/16]", "[10.0.0.0/16"]],
    [
      'line 8: the file: "cloud: { provider: aws, region: us-east-1, vpc: vpc-0a1, rou…": not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]: correct this line',
    ],
  ],
  [
    "a YAML of another version",
    [["version: 1\n", "%YAML 1.1\n---\nversion: 1\n"]],
    ['line 1: the file: "1.1": another YAML version reads yes, no and 010 differently: leave the %YAML line out'],
  ],
];

describe("mistakes of writing in a network file", () => {
  it.each(cases)("refuses %s", (_, replacements, lines) => {
    let text = sample;
    for (const [replaced, by] of replacements) {
      expect(text).toContain(replaced);
      text = text.replace(replaced, by);
    }

    expect(mistakesOf(text)).toEqual(lines);
  });
});
