import fc from "fast-check";

/** Data of right network files: small, with networks and tables that nobody else has, of a few names, so that two have much in common. */
export const networkData: fc.Arbitrary<NetworkData> = fc
  .uniqueArray(fc.constantFrom("alpha", "beta", "gamma"), { maxLength: 3 })
  .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), linkData(name)))))
  .map((links) => ({ version: 1, links: Object.fromEntries(links) }));

type HostData = { [field: string]: unknown };
type LocationData = { networks: string[]; hosts: { [name: string]: HostData }; [field: string]: unknown };
type LinkData = { locations: { [name: string]: LocationData }; [field: string]: unknown };
export type NetworkData = { version: number; links: { [name: string]: LinkData } };

const places = ["p", "q", "r", "s", "t"];
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** What kind of link: each allows other settings. */
type Kind = "ipsec" | "ipv6" | "wg";

function linkData(link: string): fc.Arbitrary<LinkData> {
  const settings = {
    hostCheck: optional(fc.boolean()),
    online: optional(fc.boolean()),
    action: optional(fc.constantFrom("restart", "hold")),
    tunnelTimeout: optional(fc.constantFrom("45s", "90s", "2m", "10500ms")),
  };
  const ciphers = fc.record({
    ike: fc.constantFrom("aes128-sha256-x25519", "aes256-sha256-x25519"),
    esp: fc.constant("aes128gcm128-x25519"),
    force: fc.constantFrom(true, false),
  });
  const ofKind: { readonly [K in Kind]: fc.Arbitrary<{ readonly [field: string]: unknown }> } = {
    ipsec: fc.record({ ...settings, ciphers: optional(ciphers), protocol: optional(fc.constant("ipsec")) }),
    ipv6: fc.record({ ...settings, ciphers: optional(ciphers), ipv6: fc.constant(true) }),
    wg: fc.record({ ...settings, protocol: fc.constant("wg"), wgPort: optional(fc.constantFrom(51820, 4500)) }),
  };
  const kinds = fc.constantFrom<Kind>("ipsec", "ipsec", "ipsec", "ipv6", "wg");
  return fc
    .tuple(kinds, fc.uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: 5 }))
    .chain(([kind, names]) => {
      const locations = names.map((name) => fc.tuple(fc.constant(name), locationData(link, kind, name, names)));
      return fc.tuple(ofKind[kind], fc.tuple(...locations)).map(([fields, list]) => ({
        ...given(fields),
        locations: Object.fromEntries(list),
      }));
    });
}

function locationData(link: string, kind: Kind, name: string, names: readonly string[]): fc.Arbitrary<LocationData> {
  const number = link.charCodeAt(0) * 8 + places.indexOf(name);
  const networks = [`10.${number % 256}.0.0/24`, `10.${number % 256}.1.0/24`, `fd00:${number.toString(16)}::/64`];
  const others = names.filter((other) => other !== name);
  const role = { roleArn: "arn:aws:iam::123456789012:role/r" };
  const cloud = fc
    .record({
      provider: fc.constant("aws"),
      region: fc.constantFrom("us-east-1", "eu-west-1"),
      vpc: fc.constant(`vpc-${number}`),
      routeTables: fc.constantFrom<unknown>([`rtb-${number}a`, `rtb-${number}b`], [`rtb-${number}b`], "all", {
        tag: `of=${number}`,
      }),
      assumeRole: optional(fc.constantFrom("ab", "cd").map((externalId) => ({ ...role, externalId }))),
    })
    .map(given);
  const shared = {
    networks: fc.shuffledSubarray(networks, { minLength: 1 }),
    excludes: optional(fc.shuffledSubarray(others)),
    transits: optional(fc.shuffledSubarray(others, { maxLength: Math.min(1, others.length) })),
    failback: optional(fc.constantFrom("auto", "manual")),
    holdUp: optional(fc.constantFrom("0s", "30s", "1m", "1500ms")),
  };
  const office = fc.record({ ...shared, hosts: hostsData(kind, false) });
  const inCloud = fc.record({ ...shared, hosts: hostsData(kind, true), cloud, removeRoutes: optional(fc.boolean()) });
  const device = fc.constant({ static: true, publicAddress: kind === "ipv6" ? "2001:db8::9" : "198.51.100.9" });
  const fixed = fc.record({ ...shared, hosts: fc.record({ a: device }) });
  return fc
    .oneof(office, inCloud, ...(kind === "wg" ? [] : [fixed]))
    .map(({ networks: own, hosts, ...fields }) => ({ networks: own, hosts, ...given(fields) }));
}

function hostsData(kind: Kind, hasCloud: boolean): fc.Arbitrary<{ [name: string]: HostData }> {
  const host = (name: string) =>
    fc.record({
      priority: optional(fc.integer({ min: 0, max: 3 })),
      timeout: optional(fc.constantFrom("10s", "30s", "1m")),
      backoff: optional(fc.constantFrom("0s", "60s")),
      publicAddress: optional(
        kind === "ipv6"
          ? fc.constantFrom("2001:db8::1", "2001:db8::2")
          : fc.constantFrom("198.51.100.1", "198.51.100.2"),
      ),
      target: hasCloud ? optional(fc.constantFrom("auto", `eni-${name}`, `i-${name}`)) : fc.constant(undefined),
    });
  return fc
    .subarray(["a", "b", "c", "d"], { minLength: 1, maxLength: 3 })
    .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), host(name).map(given)))))
    .map((hosts) => Object.fromEntries(hosts));
}

/** Without the fields that are undefined: a file cannot say so. */
function given(fields: { readonly [field: string]: unknown }): { [field: string]: unknown } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The same data with the keys of every map in the opposite order, and every list of networks too. */
export function reversed(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(reversed).reverse();
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data)
      .reverse()
      .map(([key, value]) => [key, reversed(value)]),
  );
}
