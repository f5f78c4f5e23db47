import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinkState } from "../../dev/link-host/wire.ts";
import type { Host, Link, Location } from "../../shared/domain/network.ts";
import { buildAnswer, type HostContact, type LinkView } from "../../shared/protocol/answer.ts";
import { masterKey } from "../fixtures/heartbeat-world.ts";
import { host, link, location, placeOf, staticHost } from "../fixtures/network.ts";

const names = ["a", "b", "c", "d"];
const maybe = <T>(value: fc.Arbitrary<T>, none: T) =>
  fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: fc.constant(none) });

const anyContact: fc.Arbitrary<HostContact> = fc.record({
  publicAddress: fc.constantFrom("", "192.0.2.1", "192.0.2.2", "2001:db8::9", "no address"),
  address6: fc.constantFrom("", "2001:db8::1", "2001:db8::2", "192.0.2.9"),
  wgPublicKey: fc.constantFrom("", "a2V5MQ==", "a2V5Mg==", "[Peer]"),
});
const anyHosts = (name: string): fc.Arbitrary<readonly Host[]> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom("203.0.113.1", "203.0.113.2").map((at) => [staticHost(`${name}0`, at)]) },
    {
      weight: 4,
      arbitrary: fc
        .array(fc.record({ pinned: maybe(fc.constant(""), "198.51.100.7") }), { minLength: 1, maxLength: 3 })
        .map((drawn) =>
          drawn.map(({ pinned }, at) => host(`${name}${at}`, pinned === "" ? {} : { publicAddress: pinned })),
        ),
    },
  );
const anyLocation = (name: string, at: number): fc.Arbitrary<Location> =>
  fc
    .record({
      hosts: anyHosts(name),
      networks: fc.subarray([`10.${at}.0.0/16`, `10.${at + 8}.0.0/16`, `fd00:${at}::/32`], { minLength: 1 }),
      excludes: maybe(fc.constant<string[]>([]), names.slice(0, 2)),
      transits: maybe(fc.constant<string[]>([]), names.slice(2)),
    })
    .map(({ hosts, excludes, ...more }) =>
      location(name, hosts, { ...more, excludes: excludes.filter((one) => one !== name) }),
    );
const anyLink: fc.Arbitrary<Link> = fc
  .record({
    locations: fc
      .integer({ min: 2, max: 4 })
      .chain((count) => fc.tuple(...names.slice(0, count).map((name, at) => anyLocation(name, at)))),
    settings: fc.record({
      protocol: fc.constantFrom("ipsec" as const, "wg" as const),
      wgPort: fc.constantFrom(51820, 51821),
      ipv6: maybe(fc.constant(false), true),
      action: fc.constantFrom("restart" as const, "hold" as const),
      hostCheck: fc.boolean(),
      online: maybe(fc.constant(true), false),
      keyGeneration: fc.constantFrom(1, 2),
    }),
    ciphers: fc.option(
      fc.record({ ike: fc.constantFrom("i", "j"), esp: fc.constantFrom("e", "f"), force: fc.boolean() }),
    ),
  })
  .map(({ locations, settings, ciphers }) => link("l1", locations, { ...settings, ...(ciphers ? { ciphers } : {}) }));

/** What an answer is made from. */
type Told = { readonly of: Link; readonly view: LinkView; readonly isActive: boolean };

const hostIds = names.flatMap((name) => [0, 1, 2].map((at) => `${name}${at}`));
const anyTold: fc.Arbitrary<Told> = fc
  .record({
    of: anyLink,
    active: fc.tuple(...names.map((name) => maybe(fc.constantFrom(`${name}0`, `${name}1`), "gone"))),
    contacts: fc.tuple(...hostIds.map(() => fc.option(anyContact, { freq: 6 }))),
    isActive: maybe(fc.constant(true), false),
  })
  .map(({ of, active, contacts, isActive }) => {
    const known = hostIds.flatMap((id, at) => {
      const contact = contacts[at];
      return contact ? [[id, contact] as const] : [];
    });
    const actives = names.flatMap((name, at) => (active[at] === undefined ? [] : [[name, active[at]] as const]));
    return { of, view: { active: new Map(actives), contacts: new Map(known) }, isActive };
  });

/** Asked by the first host of the first location. */
const textOf = ({ of, view, isActive }: Told) => buildAnswer(placeOf(of, "a0"), view, isActive, masterKey);
const answerOf = (told: Told) => LinkState.parse(JSON.parse(textOf(told)));

/** An answer without its hashes. */
function visible({ hash: _hash, links, ...rest }: LinkState) {
  return JSON.stringify({ ...rest, links: links.map(({ hash: _own, ...tunnel }) => tunnel) });
}

const withLink = (told: Told, change: (of: Link) => Partial<Link>): Told => ({
  ...told,
  of: { ...told.of, ...change(told.of) },
});
const withLocations = (told: Told, change: (one: Location, at: number) => Partial<Location>): Told =>
  withLink(told, ({ locations }) => ({ locations: locations.map((one, at) => ({ ...one, ...change(one, at) })) }));
const withHosts = (told: Told, change: (one: Host) => Partial<Host>): Told =>
  withLocations(told, ({ hosts }) => ({ hosts: hosts.map((one) => ({ ...one, ...change(one) })) }));
const withContact = (told: Told, id: string, change: Partial<HostContact>): Told => {
  const before = told.view.contacts.get(id);
  if (before === undefined) return told;
  return { ...told, view: { ...told.view, contacts: new Map(told.view.contacts).set(id, { ...before, ...change }) } };
};

/** Small changes of everything that an answer is made from, seen or not. */
const anyEdit: fc.Arbitrary<(told: Told) => Told> = fc.oneof(
  fc.constantFrom<(told: Told) => Told>(
    (told) => withLink(told, ({ protocol }) => ({ protocol: protocol === "wg" ? "ipsec" : "wg" })),
    (told) => withLink(told, ({ wgPort }) => ({ wgPort: wgPort + 1 })),
    (told) => withLink(told, ({ ipv6 }) => ({ ipv6: !ipv6 })),
    (told) => withLink(told, ({ action }) => ({ action: action === "hold" ? "restart" : "hold" })),
    (told) => withLink(told, ({ hostCheck }) => ({ hostCheck: !hostCheck })),
    (told) => withLink(told, ({ online }) => ({ online: !online })),
    (told) => withLink(told, ({ keyGeneration }) => ({ keyGeneration: keyGeneration + 1 })),
    (told) => withLink(told, ({ ciphers }) => ({ ciphers: { ike: "k", esp: ciphers?.esp ?? "e", force: false } })),
    (told) => withLink(told, ({ ciphers }) => ({ ciphers: { ike: ciphers?.ike ?? "i", esp: "g", force: false } })),
    (told) =>
      withLink(told, ({ ciphers }) =>
        ciphers ? { ciphers: { ...ciphers, force: !ciphers.force } } : { name: "other" },
      ),
    (told) => ({ ...told, isActive: !told.isActive }),
    // A device becomes a link host at the same address, and is active.
    (told) => {
      const active = new Map(names.map((name) => [name, `${name}0`]));
      return withHosts({ ...told, view: { ...told.view, active } }, () => ({ static: false }));
    },
  ),
  fc.tuple(fc.nat({ max: 3 }), fc.constantFrom("10.9.9.0/24", "fd09::/32")).map(
    ([which, added]) =>
      (told: Told) =>
        withLocations(told, ({ networks }, at) => (at === which ? { networks: [...networks, added] } : {})),
  ),
  fc.tuple(fc.constantFrom(...names), fc.constantFrom(...hostIds)).map(([name, id]) => (told: Told) => ({
    ...told,
    view: { ...told.view, active: new Map(told.view.active).set(name, id) },
  })),
  fc
    .tuple(
      fc.constantFrom(...hostIds),
      fc.constantFrom<Partial<HostContact>>(
        { publicAddress: "192.0.2.77" },
        { address6: "2001:db8::77" },
        { wgPublicKey: "a2V5Nzc=" },
        { publicAddress: "" },
      ),
    )
    .map(
      ([id, change]) =>
        (told: Told) =>
          withContact(told, id, change),
    ),
  fc
    .constantFrom(...hostIds)
    .map((id) => (told: Told) => withHosts(told, (one) => (one.id === id ? { publicAddress: "198.51.100.99" } : {}))),
);

/** Changes that no answer to `a0` shows, whatever else holds. */
const unseen: readonly ((told: Told) => Told)[] = [
  (told) =>
    withLink(told, () => ({ name: "other", tunnelTimeoutMs: 99_000, nextHostOrdinal: 90, nextLocationOrdinal: 90 })),
  (told) => withLocations(told, (_, at) => ({ name: `n${at}`, ordinal: at + 50, generation: 9, failback: "manual" })),
  (told) => withLocations(told, () => ({ holdUpMs: 1, removeRoutes: true })),
  (told) =>
    withLocations(told, () => ({
      cloud: { provider: "aws", region: "us-east-1", vpc: "vpc-1", routeTables: { by: "network" } },
    })),
  (told) => withHosts(told, ({ id }) => ({ name: `n${id}`, ordinal: 77, priority: 99, timeoutMs: 1, backoffMs: 1 })),
  (told) => withHosts(told, () => ({ target: "eni-1", secretGeneration: 7, previousSecretUntilMs: 5 })),
  (told) => withContact(told, "a0", { publicAddress: "192.0.2.99", address6: "2001:db8::99", wgPublicKey: "b3du" }),
  (told) => withContact(told, "a1", { publicAddress: "192.0.2.98" }),
  (told) => ({
    ...told,
    view: {
      active: new Map([["elsewhere", "x"], ...told.view.active]),
      contacts: new Map([["x", { publicAddress: "192.0.2.97", address6: "", wgPublicKey: "" }], ...told.view.contacts]),
    },
  }),
];

const runs = { numRuns: 1_000, seed: 6_001 };

describe("the hash of any answer", () => {
  it("changes if and only if something else of the answer does, the hash of a tunnel likewise", () => {
    const seen = { same: 0, other: 0 };
    fc.assert(
      fc.property(anyTold, anyEdit, (told, edit) => {
        const [before, after] = [answerOf(told), answerOf(edit(told))];
        const isSame = visible(before) === visible(after);
        seen[isSame ? "same" : "other"]++;
        expect(before.hash === after.hash).toBe(isSame);
        for (const { hash, ...tunnel } of before.links) {
          const { hash: now, ...other } = after.links.find((one) => one.id === tunnel.id) ?? { hash: "none" };
          expect(now === hash).toBe(JSON.stringify(other) === JSON.stringify(tunnel));
        }
      }),
      runs,
    );
    expect(Math.min(seen.same, seen.other)).toBeGreaterThan(150);
  });

  it("is not shared by answers of different places in general", () => {
    const texts = new Map<string, string>();
    fc.assert(
      fc.property(anyTold, (told) => {
        const answer = answerOf(told);
        expect(texts.get(answer.hash) ?? visible(answer)).toBe(visible(answer));
        texts.set(answer.hash, visible(answer));
      }),
      { ...runs, numRuns: 500 },
    );
  });

  it("stays with what no answer shows: names, ordinals, settings of elections and clouds, the host's own report", () => {
    fc.assert(
      fc.property(anyTold, fc.constantFrom(...unseen), (told, edit) => {
        expect(textOf(edit(told))).toBe(textOf(told));
      }),
      runs,
    );
  });

  it("stays whatever order locations, hosts, networks, exclusions and reports are listed in", () => {
    fc.assert(
      fc.property(anyTold, (told) => {
        const flip = <K, V>(map: ReadonlyMap<K, V>) => new Map([...map].reverse());
        const turned = withLocations(told, ({ hosts, networks, excludes, transits }) => ({
          hosts: [...hosts].reverse(),
          networks: [...networks].reverse(),
          excludes: [...excludes].reverse(),
          transits: [...transits].reverse(),
        }));
        const backwards: Told = {
          ...turned,
          of: { ...turned.of, locations: [...turned.of.locations].reverse() },
          view: { active: flip(told.view.active), contacts: flip(told.view.contacts) },
        };
        expect(textOf(backwards)).toBe(textOf(told));
      }),
      runs,
    );
  });

  it("stays over repeated builds, from the same data and from a copy of it", () => {
    fc.assert(
      fc.property(anyTold, (told) => {
        const text = textOf(told);
        expect(textOf(told)).toBe(text);
        expect(textOf(structuredClone(told))).toBe(text);
      }),
      { ...runs, numRuns: 300 },
    );
  });
});
