import fc from "fast-check";
import { bitsOf } from "../../shared/domain/bits.ts";
import type { Host } from "../../shared/domain/network.ts";
import type { Decision, HostRecord, LocationWish, Pulse, Suspicion } from "../../shared/domain/records.ts";
import { host, location, suspicion } from "../fixtures/network.ts";
import { ago, now, type Scene } from "./scene.ts";

/** Ids of the hosts of `here`; `there` has b1 and b2, `yonder` c1. */
const ids = ["a1", "a2", "a3", "a4"] as const;
const timeouts = [5_000, 10_000, 30_000] as const;

/** One of several, each as often as its weight says. */
const mostly = <T>(...weighted: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** A time ago in ms, often on a boundary of the rules, or a millisecond beside it. */
const past = (...boundaries: readonly number[]): fc.Arbitrary<number> =>
  mostly(
    [2, fc.integer({ min: 0, max: 90_000 })],
    [
      1,
      fc
        .tuple(fc.constantFrom(0, 2_000, 5_000, 10_000, 30_000, 60_000, ...boundaries), fc.integer({ min: -1, max: 1 }))
        .map(([at, by]) => at + by),
    ],
  );
const heardMs = mostly([6, fc.integer({ min: 0, max: 6_000 })], [4, past()], [1, fc.integer({ min: -5_000, max: -1 })]);
const hour = fc.constant(3_600_000);

const aHost = (id: string): fc.Arbitrary<Host> =>
  fc
    .record({
      priority: fc.integer({ min: 1, max: 3 }),
      timeoutMs: fc.constantFrom(...timeouts),
      backoffMs: fc.constantFrom(0, 20_000, 60_000),
    })
    .map((more) => host(id, more));

const left = mostly<HostRecord["left"]>(
  [9, fc.constant(null)],
  [1, past().map((ms) => ({ agentTimeS: Math.floor(ago(ms) / 1_000), atMs: ago(ms) }))],
);
/** Ordinals of the remote hosts and of `here`. */
const sample = fc.subarray([0, 1, 2, 3, 4, 5, 6]).map(bitsOf);
const lost = fc.dictionary(
  fc.constantFrom("0", "0", "1", "2"),
  mostly([4, fc.integer({ min: 0, max: 90_000 })], [1, past(600_000)]).map(ago),
  { maxKeys: 3 },
);
const downMs = mostly([2, fc.integer({ min: 45_000, max: 90_000 })], [1, past(45_000)]).map(ago);
const tunnelsOf = fc
  .record({
    ever: fc.subarray([0, 1, 2]),
    downs: fc.dictionary(fc.constantFrom("0", "1", "2"), downMs, { maxKeys: 3 }),
    epoch: fc.constantFrom(1, 1, 1, 2),
  })
  .map(({ ever, downs, epoch }): HostRecord["tunnels"] => {
    const down = Object.fromEntries(Object.entries(downs).filter(([ordinal]) => ever.includes(Number(ordinal))));
    return { up: bitsOf(ever.filter((one) => down[one] === undefined)), ever: bitsOf(ever), epoch, down };
  });

const record = (withTunnels: boolean): fc.Arbitrary<Partial<HostRecord> | null> =>
  mostly(
    [1, fc.constant(null)],
    [
      9,
      fc
        .record({
          lastSeenMs: heardMs.map(ago),
          upSinceMs: mostly([2, hour], [1, past()]).map(ago),
          left,
          reach: mostly([2, sample.map((one) => [one, one, one])], [1, fc.array(sample, { maxLength: 3 })]),
          lost,
          tunnels: tunnelsOf,
        })
        .map(({ tunnels, ...rest }) => (withTunnels ? { ...rest, tunnels } : rest)),
    ],
  );

const operator = past().map((ms) => ({ atMs: ago(ms), by: "operator ann" }));
const wanted = mostly(
  [2, fc.constant(null)],
  [1, fc.tuple(fc.constantFrom(...ids), operator).map(([hostId, more]) => ({ hostId, ...more }))],
);
const drains = mostly<LocationWish["drains"]>(
  [3, fc.constant({})],
  [1, fc.dictionary(fc.constantFrom(...ids), operator, { maxKeys: 2 })],
);
const wish: fc.Arbitrary<Partial<LocationWish>> = fc.record({ pin: wanted, drains, switchover: wanted });

const head: fc.Arbitrary<Partial<Decision>> = fc.record({
  activeHostId: fc.constantFrom(null, ...Array<string>(8).fill("a1"), ...Array<string>(4).fill("a2"), "gone"),
  epoch: fc.constantFrom(1, 1, 1, 2),
  generation: mostly([19, fc.constant(1)], [1, fc.constant(2)]),
  decidedMs: mostly([2, hour], [1, past()]).map(ago),
  demotedMs: mostly<Decision["demotedMs"]>(
    [2, fc.constant({})],
    [1, fc.dictionary(fc.constantFrom(...ids), past(20_000).map(ago), { maxKeys: 2 })],
  ),
  tunnelMoveMs: mostly([2, fc.constant(0)], [1, past().map(ago)]),
});

const pulse: fc.Arbitrary<Partial<Pulse> | null> = mostly<Partial<Pulse> | null>(
  [14, fc.constant({})],
  [
    3,
    fc.record({
      lastCreditedMs: mostly([1, past(2_500, 15_000)], [1, fc.integer({ min: -4_000, max: 0 })]).map(ago),
      holdUntilMs: mostly([1, fc.constant(0)], [1, fc.integer({ min: -2, max: 20_000 }).map((ms) => now + ms)]),
    }),
  ],
  [1, fc.constant(null)],
);

const mark: fc.Arbitrary<Suspicion | undefined> = mostly<Suspicion | undefined>(
  [1, fc.constant(undefined)],
  [
    1,
    fc
      .record({
        hostId: fc.constantFrom("a1", "a1", "a1", "a2"),
        epoch: fc.constantFrom(1, 1, 1, 2),
        ms: fc.integer({ min: 0, max: 6_000 }),
        waitMs: fc.integer({ min: 0, max: 6_000 }),
      })
      .map(({ hostId, epoch, ms, waitMs }) => suspicion(hostId, ago(ms), { epoch, evaluateMs: ago(ms) + waitMs })),
  ],
);

type Story = { readonly suspicion: Suspicion; readonly records: Readonly<Record<string, Partial<HostRecord>>> };

/** A suspicion of a1 that may be about to be judged: its mark, and what a1 and the remote hosts have to say. */
const suspected: fc.Arbitrary<Story> = fc
  .record({
    ms: fc.integer({ min: 1_000, max: 6_000 }),
    waitMs: fc.integer({ min: 0, max: 6_000 }),
    quietMs: fc.integer({ min: -500, max: 3_000 }),
    witnesses: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  })
  .map(({ ms, waitMs, quietMs, witnesses: [b1 = true, b2 = true, c1 = true] }) => {
    const witness = (isLost: boolean) =>
      isLost ? { reach: [bitsOf([1])], lost: { "0": ago(ms) } } : { reach: [bitsOf([0, 1])], lost: {} };
    const a1 = { lastSeenMs: ago(ms + quietMs), left: null };
    return {
      suspicion: suspicion("a1", ago(ms), { evaluateMs: ago(ms) + waitMs }),
      records: { a1, b1: witness(b1), b2: witness(b2), c1: witness(c1) },
    };
  });

/** Any state of a link with up to four hosts in `here`; tunnels only where asked for. */
export function scenes(withTunnels = false): fc.Arbitrary<Scene> {
  const remote = ["b1", "b2", "c1"] as const;
  const hosts = mostly([3, fc.constant([...ids].slice(0, 3))], [1, fc.subarray([...ids], { minLength: 1 })]).chain(
    (some) => fc.tuple(...some.map(aHost)),
  );
  const recordsOf = fc.tuple(...[...ids, ...remote].map(() => record(withTunnels)));
  return fc
    .record({
      hosts,
      records: recordsOf,
      here: mostly<Partial<Decision> | null>([1, fc.constant(null)], [14, head]),
      there: head,
      place: fc.record({
        excludes: fc.constantFrom<string[]>([], [], [], ["there"]),
        failback: fc.constantFrom("auto" as const, "auto" as const, "manual" as const),
        holdUpMs: fc.constantFrom(0, 30_000),
        removeRoutes: fc.boolean(),
      }),
      link: fc.record({ hostCheck: fc.boolean() }),
      story: mostly<Story | undefined>([5, fc.constant(undefined)], [1, suspected]),
      wish: mostly<Partial<LocationWish> | undefined>([1, fc.constant(undefined)], [1, wish]),
      mark,
      pulse,
      isPaused: mostly([29, fc.constant(false)], [1, fc.constant(true)]),
    })
    .map(({ hosts: some, here, there, link, place, story, wish: asked, mark: marked, ...rest }): Scene => {
      const records = Object.fromEntries([...ids, ...remote].map((id, at) => [id, rest.records[at] ?? null]));
      for (const [id, more] of Object.entries(story?.records ?? {})) records[id] = { ...records[id], ...more };
      const said = story?.suspicion ?? marked;
      return {
        hosts: some,
        others: [location("there", ["b1", "b2"]), location("yonder", ["c1"])],
        here: place,
        link: story === undefined ? link : { hostCheck: true },
        records,
        heads: {
          here: story === undefined || here === null ? here : { ...here, activeHostId: "a1", epoch: 1 },
          there: { ...there, activeHostId: "b1" },
        },
        pulse: rest.pulse,
        isPaused: rest.isPaused,
        ...(asked === undefined ? {} : { wish: asked }),
        ...(said === undefined ? {} : { suspicion: said }),
      };
    });
}
