import fc from "fast-check";

/** A network as its first address and its prefix length, apart from any text. */
export type Net = { readonly family: 4 | 6; readonly base: bigint; readonly bits: number };

const widthOf = (family: 4 | 6) => (family === 4 ? 32 : 128);
const sizeOf = ({ family, bits }: Net) => 1n << BigInt(widthOf(family) - bits);

/** The network of that length that holds an address. */
export function netOf(family: 4 | 6, address: bigint, bits: number): Net {
  const host = BigInt(widthOf(family) - bits);
  return { family, base: (address >> host) << host, bits };
}

/** Whether two networks have an address in common, by comparing ends. */
export function meet(a: Net, b: Net): boolean {
  return a.family === b.family && a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);
}

/** Whether every address of the second is one of the first. */
export function holds(a: Net, b: Net): boolean {
  return a.family === b.family && a.base <= b.base && b.base + sizeOf(b) <= a.base + sizeOf(a);
}

const groupsOf = (address: bigint): readonly string[] =>
  Array.from({ length: 8 }, (_, at) => ((address >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));

/** The one text of an address: dotted, or by RFC 5952, section 4 (the first of the longest runs of two zeros or more). */
export function addressText(family: 4 | 6, address: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join(".");
  const groups = groupsOf(address);
  let longest = { at: 0, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === "0") length++;
    if (length > longest.length) longest = { at, length };
  }
  if (longest.length < 2) return groups.join(":");
  const [before, after] = [groups.slice(0, longest.at), groups.slice(longest.at + longest.length)];
  return `${before.join(":")}::${after.join(":")}`;
}

export const textOf = ({ family, base, bits }: Net): string => `${addressText(family, base)}/${bits}`;

/** Other texts of the same network: host bits, capitals, written-out zeros. IPv4 has none but host bits. */
export function otherTexts({ family, base, bits }: Net, host: bigint): readonly string[] {
  const withHost = base | (bits === widthOf(family) ? 0n : host % sizeOf({ family, base, bits }));
  if (family === 4) return [`${addressText(4, withHost)}/${bits}`];
  const groups = groupsOf(base);
  const padded = groups.map((group) => group.padStart(4, "0"));
  return [
    `${addressText(6, withHost)}/${bits}`,
    `${groups.join(":")}/${bits}`,
    `${padded.join(":")}/${bits}`,
    `${addressText(6, base).toUpperCase()}/${bits}`,
  ];
}

/** Addresses with runs of zeros and ones, as real ones have them. */
const anyAddress = (family: 4 | 6): fc.Arbitrary<bigint> => {
  const width = widthOf(family);
  const sparse = fc
    .array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(1, 0xffff), fc.nat({ max: 0xffff })), {
      minLength: width / 16,
      maxLength: width / 16,
    })
    .map((groups) => groups.reduce((address, group) => (address << 16n) | BigInt(group), 0n));
  return fc.oneof(sparse, fc.bigInt({ min: 0n, max: (1n << BigInt(width)) - 1n }));
};

export const anyHostBits = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });

export const anyNet: fc.Arbitrary<Net> = fc
  .constantFrom<4 | 6>(4, 6)
  .chain((family) =>
    fc
      .tuple(anyAddress(family), fc.nat({ max: widthOf(family) }))
      .map(([address, bits]) => netOf(family, address, bits)),
  );

/** Two networks that mostly have something to do with each other: one within the other, its neighbour, or just any. */
export const anyTwoNets: fc.Arbitrary<readonly [Net, Net]> = fc
  .tuple(anyNet, anyNet, fc.nat({ max: 128 }), anyHostBits, fc.nat({ max: 3 }))
  .map(([a, other, bits, host, kind]) => {
    const width = widthOf(a.family);
    const inside = netOf(a.family, a.base | (host % sizeOf(a)), Math.max(a.bits, Math.min(bits, width)));
    const neighbour = netOf(
      a.family,
      (a.base + sizeOf(a)) % (1n << BigInt(width)),
      Math.max(a.bits, Math.min(bits, width)),
    );
    const pairs: readonly (readonly [Net, Net])[] = [
      [a, inside],
      [inside, a],
      [a, neighbour],
    ];
    return pairs[kind] ?? [a, other];
  });
