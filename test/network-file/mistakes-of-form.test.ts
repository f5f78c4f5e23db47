import { describe, expect, it } from "vitest";
import { mistakesOf, sample } from "./files.ts";

/** What is wrong, what of the sample is replaced by what, and every line of the error. */
type Case = readonly [string, readonly (readonly [string, string])[], readonly string[]];

const cases: readonly Case[] = [
  ["another version", [["version: 1", "version: 2"]], ["line 1: version: 2: not a version that can be read: write 1"]],
  [
    "a version as a text",
    [["version: 1", 'version: "1"']],
    ['line 1: version: "1": not a version that can be read: write 1'],
  ],
  ["no version", [["version: 1\n", ""]], ["version: nothing: missing: write 1"]],
  [
    "an unknown key at the top",
    [["version: 1\n", "version: 1\nlink: {}\n"]],
    ["line 2: link: a map of 0: unknown key: write one of version, links"],
  ],
  [
    "an unknown key of a link",
    [["  backbone:\n", "  backbone:\n    hostcheck: true\n"]],
    [
      "line 4: links.backbone.hostcheck: true: unknown key: write one of locations, protocol, wgPort, ipv6, ciphers, action, hostCheck, online, tunnelTimeout",
    ],
  ],
  [
    "an unknown key of a host",
    [["a2: { priority: 10, target: eni-0a2 }", "a2: { prio: 10, target: eni-0a2 }"]],
    [
      "line 11: links.backbone.locations.us-east.hosts.a2.prio: 10: unknown key: write one of static, publicAddress, priority, timeout, backoff, target",
    ],
  ],
  [
    "links that are a list",
    [["links:\n  backbone:", "links:\n  - backbone:"]],
    ["line 2: links: a list of 1: not links by name: write a map with a key for each link, or {}"],
  ],
  [
    "a name with a slash",
    [["      us-east:", "      us/east:"]],
    [
      "line 6: links.backbone.locations[\"us/east\"]: \"us/east\": a name is 1 to 63 letters, digits, '-', '_' or '.', and begins and ends with a letter or digit",
    ],
  ],
  [
    "a name that is too long",
    [["      us-east:", "      xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:"]],
    [
      "line 6: links.backbone.locations[\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\"]: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\": a name is 1 to 63 letters, digits, '-', '_' or '.', and begins and ends with a letter or digit",
    ],
  ],
  [
    "a location with nothing",
    [
      [
        "        networks: [192.168.0.0/16]\n        hosts: { router: { static: true, publicAddress: 203.0.113.9 } }",
        "        {}",
      ],
    ],
    [
      "line 16: links.backbone.locations.office.networks: nothing: missing: write a list of networks, such as [10.0.0.0/16]",
      "line 16: links.backbone.locations.office.hosts: nothing: missing: write a map, such as hosts: { a1: { priority: 20 } }",
    ],
  ],
  [
    "neither true nor false",
    [["  backbone:\n", "  backbone:\n    hostCheck: yes\n"]],
    ['line 4: links.backbone.hostCheck: "yes": neither true nor false: write true or false'],
  ],
  [
    "an unknown protocol",
    [["  backbone:\n", "  backbone:\n    protocol: openvpn\n"]],
    ['line 4: links.backbone.protocol: "openvpn": not one of the choices: write ipsec or wg'],
  ],
  [
    "an unknown action",
    [["  backbone:\n", "  backbone:\n    action: clear\n"]],
    ['line 4: links.backbone.action: "clear": not one of the choices: write restart or hold'],
  ],
  [
    "a port that is none",
    [["  backbone:\n", "  backbone:\n    wgPort: 70000\n    protocol: wg\n"]],
    [
      "line 4: links.backbone.wgPort: 70000: not a port: write a whole number from 1 to 65535",
      "line 6: links.backbone.ciphers: a map of 3: WireGuard has no choice of ciphers: remove them, or write protocol: ipsec",
      "line 20: links.backbone.locations.office.hosts.router.static: true: a static host has no WireGuard key to tell the others: use protocol: ipsec",
    ],
  ],
  [
    "IKE ciphers in upper case",
    [["ike: aes128-sha256-x25519", "ike: AES128-SHA256-X25519"]],
    [
      "line 4: links.backbone.ciphers.ike: \"AES128-SHA256-X25519\": not a proposal: write one proposal of algorithms in lower case joined by '-', such as aes128-sha256-x25519; in place of '!' write force: true",
    ],
  ],
  [
    "IKE ciphers without key exchange",
    [["ike: aes128-sha256-x25519", "ike: aes128-sha256"]],
    [
      'line 4: links.backbone.ciphers.ike: "aes128-sha256": an IKE proposal without a key exchange: write one with it, such as aes128-sha256-x25519',
    ],
  ],
  [
    "ESP ciphers with a !",
    [["esp: aes128gcm128-x25519", "esp: aes128gcm128-x25519!"]],
    [
      "line 4: links.backbone.ciphers.esp: \"aes128gcm128-x25519!\": not a proposal: write one proposal of algorithms in lower case joined by '-', such as aes128gcm128-x25519; in place of '!' write force: true",
    ],
  ],
  [
    "two proposals",
    [["esp: aes128gcm128-x25519", 'esp: "aes128gcm128,aes256gcm128"']],
    [
      "line 4: links.backbone.ciphers.esp: \"aes128gcm128,aes256gcm128\": not a proposal: write one proposal of algorithms in lower case joined by '-', such as aes128gcm128-x25519; in place of '!' write force: true",
    ],
  ],
  [
    "sizes as words of their own",
    [["esp: aes128gcm128-x25519", "esp: aes-128-sha256"]],
    [
      "line 4: links.backbone.ciphers.esp: \"aes-128-sha256\": not a proposal: write one proposal of algorithms in lower case joined by '-', such as aes128gcm128-x25519; in place of '!' write force: true",
    ],
  ],
  [
    "ciphers without ESP",
    [[", esp: aes128gcm128-x25519", ""]],
    [
      "line 4: links.backbone.ciphers.esp: nothing: missing: write one proposal of algorithms in lower case joined by '-', such as aes128gcm128-x25519; in place of '!' write force: true",
    ],
  ],
  [
    "a tunnel time-out that is too short",
    [["  backbone:\n", "  backbone:\n    tunnelTimeout: 1s\n"]],
    ['line 4: links.backbone.tunnelTimeout: "1s": too short: write 5s or more'],
  ],
  [
    "a duration without unit",
    [["timeout: 30s", "timeout: 30"]],
    [
      "line 10: links.backbone.locations.us-east.hosts.a1.timeout: 30: not a duration: write a whole number with ms, s or m, such as 30s",
    ],
  ],
  [
    "a duration in hours",
    [["backoff: 60s", "backoff: 1h"]],
    [
      'line 10: links.backbone.locations.us-east.hosts.a1.backoff: "1h": not a duration: write a whole number with ms, s or m, such as 60s',
    ],
  ],
  [
    "a fraction of a second",
    [["timeout: 30s", "timeout: 10.5s"]],
    [
      'line 10: links.backbone.locations.us-east.hosts.a1.timeout: "10.5s": not a duration: write a whole number with ms, s or m, such as 30s',
    ],
  ],
  [
    "a time-out that is too long",
    [["timeout: 30s", "timeout: 11m"]],
    ['line 10: links.backbone.locations.us-east.hosts.a1.timeout: "11m": too long: write 10m or less'],
  ],
  [
    "a time-out below 5 s without host checks",
    [["timeout: 30s", "timeout: 4s"]],
    ['line 10: links.backbone.locations.us-east.hosts.a1.timeout: "4s": too short: write 5s or more'],
  ],
  [
    "an empty time-out",
    [["timeout: 30s", "timeout: "]],
    [
      "line 10: links.backbone.locations.us-east.hosts.a1.timeout: nothing: missing: write a whole number with ms, s or m, such as 30s",
    ],
  ],
  [
    "a priority that is too high",
    [["priority: 20, timeout", "priority: 1001, timeout"]],
    [
      "line 10: links.backbone.locations.us-east.hosts.a1.priority: 1001: not a priority: write a whole number from 0 to 1000",
    ],
  ],
  [
    "a priority with a fraction",
    [["priority: 20, timeout", "priority: 1.5, timeout"]],
    [
      "line 10: links.backbone.locations.us-east.hosts.a1.priority: 1.5: not a priority: write a whole number from 0 to 1000",
    ],
  ],
  [
    "a priority as a text",
    [["priority: 20, timeout", 'priority: "20", timeout']],
    [
      'line 10: links.backbone.locations.us-east.hosts.a1.priority: "20": not a priority: write a whole number from 0 to 1000',
    ],
  ],
  [
    "host bits in a network",
    [["[10.0.0.0/16]", "[10.0.0.1/16]"]],
    [
      'line 7: links.backbone.locations.us-east.networks[0]: "10.0.0.1/16": not the canonical form of a network: write 10.0.0.0/16',
    ],
  ],
  [
    "IPv6 in a long form",
    [['"fd00:1::/64"', '"FD00:0001::0/64"']],
    [
      'line 13: links.backbone.locations.eu-west.networks[1]: "FD00:0001::0/64": not the canonical form of a network: write fd00:1::/64',
    ],
  ],
  [
    "a leading zero",
    [["[10.0.0.0/16]", "[010.0.0.0/16]"]],
    [
      'line 7: links.backbone.locations.us-east.networks[0]: "010.0.0.0/16": a number with a leading zero, which some read as octal: write plain decimal numbers, such as 10.0.0.0/16',
    ],
  ],
  [
    "an address without length",
    [["[10.0.0.0/16]", "[10.0.0.0]"]],
    [
      'line 7: links.backbone.locations.us-east.networks[0]: "10.0.0.0": not a network: write one in CIDR form, such as 10.0.0.0/16 or fd00:1::/64',
    ],
  ],
  [
    "a length that is too long",
    [["[10.0.0.0/16]", "[10.0.0.0/33]"]],
    [
      'line 7: links.backbone.locations.us-east.networks[0]: "10.0.0.0/33": not a network: write one in CIDR form, such as 10.0.0.0/16 or fd00:1::/64',
    ],
  ],
  [
    "a number as a network",
    [["[10.0.0.0/16]", "[10]"]],
    [
      "line 7: links.backbone.locations.us-east.networks[0]: 10: not a network: write one in CIDR form, such as 10.0.0.0/16 or fd00:1::/64",
    ],
  ],
  [
    "a network that is no list",
    [["[10.0.0.0/16]", "10.0.0.0/16"]],
    [
      'line 7: links.backbone.locations.us-east.networks: "10.0.0.0/16": not a list: write a list of networks, such as [10.0.0.0/16]',
    ],
  ],
  [
    "a list of names that is one name",
    [["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        peers: eu-west\n"]],
    [
      'line 8: links.backbone.locations.us-east.peers: "eu-west": not a list: write a list of location names in brackets, such as [us-east, office]',
    ],
  ],
  [
    "a number in a list of names",
    [["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        excludes: [7]\n"]],
    ["line 8: links.backbone.locations.us-east.excludes[0]: 7: not a text: put it in quotes"],
  ],
  [
    "hosts left out",
    [["hosts: { router: { static: true, publicAddress: 203.0.113.9 } }", ""]],
    [
      "line 16: links.backbone.locations.office.hosts: nothing: missing: write a map, such as hosts: { a1: { priority: 20 } }",
    ],
  ],
  [
    "an address that is none",
    [["203.0.113.9", "203.0.113.999"]],
    [
      'line 18: links.backbone.locations.office.hosts.router.publicAddress: "203.0.113.999": not an IP address: write one such as 203.0.113.9 or 2001:db8::9',
    ],
  ],
  [
    "a host name as address",
    [["203.0.113.9", "office.example.com"]],
    [
      'line 18: links.backbone.locations.office.hosts.router.publicAddress: "office.example.com": not an IP address: write one such as 203.0.113.9 or 2001:db8::9',
    ],
  ],
  [
    "a target that is none",
    [["target: eni-0a2", "target: 10.0.0.9"]],
    [
      'line 11: links.backbone.locations.us-east.hosts.a2.target: "10.0.0.9": not a route target of aws: write an interface such as eni-0a1b2c3d, an instance such as i-0a1b2c3d, or auto',
    ],
  ],
  [
    "an unknown failback",
    [["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        failback: never\n"]],
    ['line 8: links.backbone.locations.us-east.failback: "never": not one of the choices: write auto or manual'],
  ],
  [
    "a hold-up that is too long",
    [["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        holdUp: 61m\n"]],
    ['line 8: links.backbone.locations.us-east.holdUp: "61m": too long: write 60m or less'],
  ],
  [
    "an unknown provider",
    [["provider: aws, region: us-east-1", "provider: ibm, region: us-east-1"]],
    [
      'line 8: links.backbone.locations.us-east.cloud.provider: "ibm": unknown provider: write aws, azure, gcp, oci or hetzner',
    ],
  ],
  [
    "no provider",
    [["provider: aws, region: us-east-1", "region: us-east-1"]],
    [
      "line 8: links.backbone.locations.us-east.cloud.provider: nothing: missing: write aws, azure, gcp, oci or hetzner",
    ],
  ],
  [
    "a cloud that is a text",
    [["{ provider: aws, region: us-east-1, vpc: vpc-0a1, routeTables: [rtb-0a1, rtb-0a2] }", "aws"]],
    ['line 8: links.backbone.locations.us-east.cloud: "aws": not a cloud: write a map with provider'],
  ],
  [
    "a region that is none",
    [["region: us-east-1", "region: virginia"]],
    [
      'line 8: links.backbone.locations.us-east.cloud.region: "virginia": not an AWS region: write one such as us-east-1',
    ],
  ],
  [
    "a VPC that is none",
    [["vpc: vpc-0a1", "vpc: main"]],
    ['line 8: links.backbone.locations.us-east.cloud.vpc: "main": not the id of a VPC: write one such as vpc-0a1b2c3d'],
  ],
  [
    "no route tables",
    [[", routeTables: [rtb-0a1, rtb-0a2]", ""]],
    [
      'line 8: links.backbone.locations.us-east.cloud.routeTables: nothing: missing: write a list of ids, { tag: "key=value" }, or all',
    ],
  ],
  [
    "an empty list of tables",
    [["routeTables: [rtb-0a1, rtb-0a2]", "routeTables: []"]],
    [
      "line 8: links.backbone.locations.us-east.cloud.routeTables: a list of 0: an empty list: write at least one id, or all",
    ],
  ],
  [
    "a table that is none",
    [["routeTables: [rtb-0a1, rtb-0a2]", "routeTables: [rtb-0a1, main]"]],
    [
      'line 8: links.backbone.locations.us-east.cloud.routeTables[1]: "main": not the id of a route table: write one such as rtb-0a1b2c3d',
    ],
  ],
  [
    "a tag without value",
    [["routeTables: [rtb-0a1, rtb-0a2]", "routeTables: { tag: backbone }"]],
    [
      'line 8: links.backbone.locations.us-east.cloud.routeTables.tag: "backbone": not a tag: write "key=value", such as "pointsman:routes=backbone"',
    ],
  ],
  [
    "another choice of tables",
    [["routeTables: [rtb-0a1, rtb-0a2]", "routeTables: { name: backbone }"]],
    [
      'line 8: links.backbone.locations.us-east.cloud.routeTables.tag: nothing: missing: write "key=value", such as "pointsman:routes=backbone"',
      'line 8: links.backbone.locations.us-east.cloud.routeTables.name: "backbone": unknown key: write one of tag',
    ],
  ],
  [
    "a word other than all",
    [["routeTables: [rtb-0a1, rtb-0a2]", "routeTables: every"]],
    [
      'line 8: links.backbone.locations.us-east.cloud.routeTables: "every": not route tables: write a list of ids, { tag: "key=value" }, or all',
    ],
  ],
  [
    "a role that is none",
    [["routeTables: all", "routeTables: all, assumeRole: { roleArn: admin, externalId: x }"]],
    [
      'line 14: links.backbone.locations.eu-west.cloud.assumeRole.roleArn: "admin": not the ARN of a role: write one such as arn:aws:iam::123456789012:role/pointsman-routes',
      'line 14: links.backbone.locations.eu-west.cloud.assumeRole.externalId: "x": not an external id: write 2 to 1224 characters, letters, digits and + = , . @ : / - _, the same as in the role\'s trust policy',
    ],
  ],
  [
    "a role without external id",
    [["routeTables: all", 'routeTables: all, assumeRole: { roleArn: "arn:aws:iam::123456789012:role/r" }']],
    [
      "line 14: links.backbone.locations.eu-west.cloud.assumeRole.externalId: nothing: missing: write 2 to 1224 characters, letters, digits and + = , . @ : / - _, the same as in the role's trust policy",
    ],
  ],
];

describe("mistakes of form in a network file", () => {
  it.each(cases)("refuses %s", (_, replacements, lines) => {
    let text = sample;
    for (const [replaced, by] of replacements) {
      expect(text).toContain(replaced);
      text = text.replace(replaced, by);
    }

    expect(mistakesOf(text)).toEqual(lines);
  });
});
