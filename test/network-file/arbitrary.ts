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

function linkData(link: string): fc.Arbitrary<LinkData> {
  const settings = fc.record({
    hostCheck: optional(fc.boolean()),
    online: optional(fc.boolean()),
    action: optional(fc.constantFrom("restart", "hold")),
    tunnelTimeout: optional(fc.constantFrom("45s", "90s", "2m", "10500ms")),
    ciphers: optional(fc.constant({ ike: "aes128-sha256-x25519", esp: "aes128gcm128-x25519" })),
  });
  const locations = fc
    .uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: 5 })
    .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), locationData(link, name, names)))));
  return fc.tuple(settings, locations).map(([fields, list]) => ({
    ...given(fields),
    locations: Object.fromEntries(list),
  }));
}

function locationData(link: string, name: string, names: readonly string[]): fc.Arbitrary<LocationData> {
  const number = link.charCodeAt(0) * 8 + places.indexOf(name);
  const networks = [`10.${number % 256}.0.0/24`, `10.${number % 256}.1.0/24`, `fd00:${number.toString(16)}::/64`];
  const others = names.filter((other) => other !== name);
  const cloud = fc.record({
    provider: fc.constant("aws"),
    region: fc.constantFrom("us-east-1", "eu-west-1"),
    vpc: fc.constant(`vpc-${number}`),
    routeTables: fc.constantFrom<unknown>([`rtb-${number}a`, `rtb-${number}b`], [`rtb-${number}b`], "all", {
      tag: `of=${number}`,
    }),
  });
  return fc
    .record({
      networks: fc.shuffledSubarray(networks, { minLength: 1 }),
      hosts: hostsData(),
      cloud: optional(cloud),
      excludes: optional(fc.shuffledSubarray(others)),
      transits: optional(fc.shuffledSubarray(others, { maxLength: Math.min(1, others.length) })),
      failback: optional(fc.constantFrom("auto", "manual")),
      holdUp: optional(fc.constantFrom("0s", "30s", "1m")),
    })
    .map(({ networks: own, hosts, ...fields }) => ({ networks: own, hosts, ...given(fields) }));
}

function hostsData(): fc.Arbitrary<{ [name: string]: HostData }> {
  const host = fc.record({
    priority: optional(fc.integer({ min: 0, max: 3 })),
    timeout: optional(fc.constantFrom("10s", "30s", "1m")),
    backoff: optional(fc.constantFrom("0s", "60s")),
    publicAddress: optional(fc.constantFrom("198.51.100.1", "198.51.100.2")),
  });
  return fc.dictionary(fc.constantFrom("a", "b", "c", "d"), host.map(given), { minKeys: 1, maxKeys: 3 });
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
