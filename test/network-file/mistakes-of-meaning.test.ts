import { describe, expect, it } from "vitest";
import { mistakesOf, sample } from "./files.ts";

/** What is wrong, what of the sample is replaced by what, and every line of the error. */
type Case = readonly [string, readonly (readonly [string, string])[], readonly string[]];

const cases: readonly Case[] = [
  [
    "a WireGuard port without WireGuard",
    [["  backbone:\n", "  backbone:\n    wgPort: 51820\n"]],
    ["line 4: links.backbone.wgPort: 51820: the link is not a WireGuard link: remove it, or write protocol: wg"],
  ],
  [
    "ciphers with WireGuard, and a static host",
    [["  backbone:\n", "  backbone:\n    protocol: wg\n"]],
    [
      "line 5: links.backbone.ciphers: a map of 3: WireGuard has no choice of ciphers: remove them, or write protocol: ipsec",
      "line 19: links.backbone.locations.office.hosts.router.static: true: a static host has no WireGuard key to tell the others: use protocol: ipsec",
    ],
  ],
  [
    "a time-out below 10 s with host checks",
    [["timeout: 30s", "timeout: 9999ms"]],
    [
      'line 10: links.backbone.locations.us-east.hosts.a1.timeout: "9999ms": too short with host checks, since one silent peer stretches an agent\'s interval to 4 s: write 10s or more, or hostCheck: false on the link',
    ],
  ],
  [
    "no networks",
    [["[10.0.0.0/16]", "[]"]],
    [
      "line 7: links.backbone.locations.us-east.networks: a list of 0: a location without networks carries nothing: write at least one, or what it transits",
    ],
  ],
  [
    "a network twice",
    [["[10.0.0.0/16]", "[10.0.0.0/16, 10.0.0.0/16]"]],
    ['line 7: links.backbone.locations.us-east.networks[1]: "10.0.0.0/16": stands twice in the list: remove one'],
  ],
  [
    "overlap within a location",
    [["[10.0.0.0/16]", "[10.0.0.0/16, 10.0.128.0/17]"]],
    [
      'line 7: links.backbone.locations.us-east.networks[1]: "10.0.128.0/17": overlaps 10.0.0.0/16 of the same location: keep the larger of the two',
    ],
  ],
  [
    "overlap among peers",
    [["[192.168.0.0/16]", "[10.0.3.0/24]"]],
    [
      'line 17: links.backbone.locations.office.networks[0]: "10.0.3.0/24": overlaps 10.0.0.0/16 of us-east, a peer: renumber one, or let nobody reach both (excludes)',
    ],
  ],
  [
    "overlap of two that a third reaches",
    [["        networks: [192.168.0.0/16]", "        excludes: [us-east]\n        networks: [10.0.3.0/24]"]],
    [
      'line 18: links.backbone.locations.office.networks[0]: "10.0.3.0/24": overlaps 10.0.0.0/16 of us-east, which eu-west reaches as well: renumber one, or let nobody reach both (excludes)',
    ],
  ],
  [
    "overlap with what is passed on",
    [
      ["        networks: [192.168.0.0/16]", "        excludes: [us-east]\n        networks: [10.0.3.0/24]"],
      [
        '        networks: [10.1.0.0/16, "fd00:1::/64"]',
        '        transits: [office]\n        networks: [10.1.0.0/16, "fd00:1::/64"]',
      ],
    ],
    [
      'line 19: links.backbone.locations.office.networks[0]: "10.0.3.0/24": overlaps 10.0.0.0/16 of us-east, to which this location\'s networks are passed on: renumber one, or let nobody reach both (excludes)',
    ],
  ],
  [
    "overlap with what is passed on to it",
    [
      ["        networks: [192.168.0.0/16]", "        excludes: [us-east]\n        networks: [10.0.3.0/24]"],
      [
        '        networks: [10.1.0.0/16, "fd00:1::/64"]',
        '        transits: [us-east]\n        networks: [10.1.0.0/16, "fd00:1::/64"]',
      ],
    ],
    [
      'line 19: links.backbone.locations.office.networks[0]: "10.0.3.0/24": overlaps 10.0.0.0/16 of us-east, whose networks are passed on to this location: renumber one, or let nobody reach both (excludes)',
    ],
  ],
  [
    "an unknown peer",
    [["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        peers: [eu-west, offices]\n"]],
    [
      'line 8: links.backbone.locations.us-east.peers[1]: "offices": no location of this link: write one of eu-west, office',
    ],
  ],
  [
    "an unknown location to exclude",
    [["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        excludes: [nobody]\n"]],
    [
      'line 8: links.backbone.locations.us-east.excludes[0]: "nobody": no location of this link: write one of eu-west, office',
    ],
  ],
  [
    "an unknown transit",
    [["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        transits: [nobody]\n"]],
    [
      'line 8: links.backbone.locations.us-east.transits[0]: "nobody": no location of this link: write one of eu-west, office',
    ],
  ],
  [
    "a location that names itself",
    [["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        excludes: [us-east]\n"]],
    ['line 8: links.backbone.locations.us-east.excludes[0]: "us-east": the location itself: remove it'],
  ],
  [
    "a name twice in a list",
    [["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        excludes: [office, office]\n"]],
    ['line 8: links.backbone.locations.us-east.excludes[1]: "office": stands twice in the list: remove one'],
  ],
  [
    "peers and excludes",
    [
      [
        "        networks: [10.0.0.0/16]\n",
        "        networks: [10.0.0.0/16]\n        peers: [eu-west]\n        excludes: [office]\n",
      ],
    ],
    [
      "line 9: links.backbone.locations.us-east.excludes: a list of 1: peers and excludes at once: write the shorter of the two",
    ],
  ],
  [
    "a peer that lists others",
    [
      ["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        peers: [eu-west, office]\n"],
      ["        networks: [192.168.0.0/16]\n", "        networks: [192.168.0.0/16]\n        peers: [eu-west]\n"],
    ],
    [
      'line 8: links.backbone.locations.us-east.peers[1]: "office": office lists its peers without us-east: add us-east there, or remove office here',
    ],
  ],
  [
    "a peer that excludes",
    [
      ["        networks: [10.0.0.0/16]\n", "        networks: [10.0.0.0/16]\n        peers: [eu-west, office]\n"],
      ["        networks: [192.168.0.0/16]\n", "        networks: [192.168.0.0/16]\n        excludes: [us-east]\n"],
    ],
    [
      'line 8: links.backbone.locations.us-east.peers[1]: "office": office excludes us-east: remove us-east there, or remove office here',
    ],
  ],
  [
    "two ways to one network",
    [
      [
        "      office:\n",
        "      backup:\n        networks: [10.9.0.0/16]\n        transits: [office]\n        hosts: { k: {} }\n      office:\n        excludes: [us-east]\n",
      ],
      [
        '        networks: [10.1.0.0/16, "fd00:1::/64"]',
        '        transits: [office]\n        networks: [10.1.0.0/16, "fd00:1::/64"]',
      ],
    ],
    [
      'line 19: links.backbone.locations.backup.transits[0]: "office": eu-west passes office on to us-east too: let only one of the two transit it',
    ],
  ],
  [
    "a transit that is no peer",
    [
      [
        "        networks: [10.0.0.0/16]\n",
        "        networks: [10.0.0.0/16]\n        excludes: [office]\n        transits: [office]\n",
      ],
    ],
    [
      'line 9: links.backbone.locations.us-east.transits[0]: "office": not a peer, so nothing of it can be passed on: let the two be peers, or remove office here',
    ],
  ],
  [
    "no hosts",
    [["hosts: { router: { static: true, publicAddress: 203.0.113.9 } }", "hosts: {}"]],
    [
      "line 18: links.backbone.locations.office.hosts: a map of 0: a location without hosts: write at least one, or leave the location out",
    ],
  ],
  [
    "no locations",
    [["version: 1\nlinks:\n", "version: 1\nlinks:\n  empty: { locations: {} }\n"]],
    ["line 3: links.empty.locations: a map of 0: a link without locations: write at least one, or leave the link out"],
  ],
  [
    "a static host beside others",
    [
      [
        "hosts: { router: { static: true, publicAddress: 203.0.113.9 } }",
        "hosts: { router: { static: true, publicAddress: 203.0.113.9 }, spare: {} }",
      ],
    ],
    [
      "line 18: links.backbone.locations.office.hosts.router.static: true: a static host is the only host of its location: move it to a location of its own",
    ],
  ],
  [
    "a static host without address",
    [["hosts: { router: { static: true, publicAddress: 203.0.113.9 } }", "hosts: { router: { static: true } }"]],
    [
      "line 18: links.backbone.locations.office.hosts.router.publicAddress: nothing: missing: a static host never reports its address: write it, such as 203.0.113.9",
    ],
  ],
  [
    "a static host with settings of elections",
    [
      [
        "hosts: { router: { static: true, publicAddress: 203.0.113.9 } }",
        "hosts: { router: { static: true, publicAddress: 203.0.113.9, priority: 1, timeout: 30s, backoff: 0s, target: auto } }",
      ],
    ],
    [
      "line 18: links.backbone.locations.office.hosts.router.priority: 1: a static host takes no part in elections: remove it, or remove static",
      'line 18: links.backbone.locations.office.hosts.router.timeout: "30s": a static host takes no part in elections: remove it, or remove static',
      'line 18: links.backbone.locations.office.hosts.router.backoff: "0s": a static host takes no part in elections: remove it, or remove static',
      'line 18: links.backbone.locations.office.hosts.router.target: "auto": a static host takes no part in elections: remove it, or remove static',
    ],
  ],
  [
    "a static host with a cloud",
    [["hosts: { b1: { priority: 20 }, b2: {} }", "hosts: { b1: { static: true, publicAddress: 203.0.113.8 } }"]],
    [
      "line 14: links.backbone.locations.eu-west.cloud: a map of 4: its host b1 is static, so routes have no target here: remove the cloud, or static",
    ],
  ],
  [
    "IPv6 address over IPv4",
    [["203.0.113.9", '"2001:db8::9"']],
    [
      'line 18: links.backbone.locations.office.hosts.router.publicAddress: "2001:db8::9": an IPv6 address in a link whose tunnels run over IPv4: write an IPv4 address, or ipv6: true',
    ],
  ],
  [
    "IPv4 address over IPv6",
    [["  backbone:\n", "  backbone:\n    ipv6: true\n"]],
    [
      'line 19: links.backbone.locations.office.hosts.router.publicAddress: "203.0.113.9": an IPv4 address in a link whose tunnels run over IPv6: write an IPv6 address, or ipv6: false',
    ],
  ],
  [
    "a target without cloud",
    [["hosts: { router: { static: true, publicAddress: 203.0.113.9 } }", "hosts: { r1: { target: eni-0c1 } }"]],
    [
      'line 18: links.backbone.locations.office.hosts.r1.target: "eni-0c1": the location has no cloud, so no routes to point at it: remove it, or write the cloud',
    ],
  ],
  [
    "one target twice",
    [["target: eni-0a2", "target: eni-0a1"]],
    [
      'line 11: links.backbone.locations.us-east.hosts.a2.target: "eni-0a1": already the target of a1: write this host\'s own',
    ],
  ],
  [
    "removal of routes without cloud",
    [
      [
        "        hosts: { router: { static: true, publicAddress: 203.0.113.9 } }",
        "        removeRoutes: true\n        hosts: { router: { static: true, publicAddress: 203.0.113.9 } }",
      ],
    ],
    [
      "line 18: links.backbone.locations.office.removeRoutes: true: the location has no cloud, so no routes to remove: remove it, or write the cloud",
    ],
  ],
  [
    "two owners of a route",
    [
      [
        "  backbone:\n",
        "  other:\n    locations:\n      one:\n        networks: [172.16.0.0/16]\n        cloud: { provider: aws, region: us-east-1, vpc: vpc-0a1, routeTables: [rtb-0a2] }\n        hosts: { x: {} }\n      two: { networks: [10.1.0.0/16], hosts: { y: {} } }\n  backbone:\n",
      ],
    ],
    [
      'line 15: links.backbone.locations.us-east.cloud.routeTables: "rtb-0a1, rtb-0a2": the route to 10.1.0.0/16 in rtb-0a2 is already that of other/one (links.other.locations.one): a route has one owner: choose other tables, or let one of the two not reach it',
    ],
  ],
  [
    "two owners in all tables of a VPC",
    [
      [
        "  backbone:\n",
        '  other:\n    locations:\n      one:\n        networks: [172.16.0.0/16]\n        cloud: { provider: aws, region: eu-west-1, vpc: vpc-0b1, routeTables: { tag: "a=b" } }\n        hosts: { x: {} }\n      two: { networks: [192.168.0.0/16], hosts: { y: {} } }\n  backbone:\n',
      ],
    ],
    [
      'line 21: links.backbone.locations.eu-west.cloud.routeTables: "all": the route to 192.168.0.0/16 in every table of aws/eu-west-1/vpc-0b1 is already that of other/one (links.other.locations.one): a route has one owner: choose other tables, or let one of the two not reach it',
    ],
  ],
];

describe("mistakes of meaning in a network file", () => {
  it.each(cases)("refuses %s", (_, replacements, lines) => {
    let text = sample;
    for (const [replaced, by] of replacements) {
      expect(text).toContain(replaced);
      text = text.replace(replaced, by);
    }

    expect(mistakesOf(text)).toEqual(lines);
  });
});
