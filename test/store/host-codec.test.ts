import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryDatabase } from "../../dev/memory-database.ts";
import { testClock } from "../../dev/test-clock.ts";
import { bitsOf, membersOf } from "../../shared/domain/bits.ts";
import type { HostRecord } from "../../shared/domain/records.ts";
import { StoredDataError } from "../../shared/store/codec.ts";
import { decodeHost, encodeHost } from "../../shared/store/host-codec.ts";
import { writeRecord } from "../../shared/store/write.ts";

/** Few values, so that what may be left out when it equals something else often does. */
const few = fc.oneof(fc.nat({ max: 3 }), fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_003 }));
const text = fc.oneof(fc.constantFrom("", "", "192.0.2.1", "é\u{1F682}\0"), fc.string({ maxLength: 12 }));
const bits = fc.array(fc.nat({ max: 40 }), { maxLength: 4 }).map(bitsOf);
const samples = fc.array(fc.oneof(fc.constantFrom([], [1], [1, 9]).map(bitsOf), bits), { maxLength: 6 });
const since = fc.dictionary(fc.nat({ max: 900 }).map(String), few, { maxKeys: 3, noNullPrototype: true });

const anyRecord: fc.Arbitrary<HostRecord> = fc.record({
  hostId: fc.constant("h1"),
  lastSeenMs: few,
  agentTimeS: few,
  anchor: fc.record({ agentTimeS: few, serverMs: few }),
  nonce: text,
  upSinceMs: few,
  left: fc.option(fc.record({ agentTimeS: few, atMs: few })),
  version: text,
  publicAddress: text,
  localAddress: text,
  address6: text,
  wgPublicKey: text,
  intervalMs: few,
  reach: samples,
  lost: since,
  tunnels: fc.record({ up: bits, ever: bits, epoch: few, down: since }),
});

const key = { pk: "p", sk: "#h#h1" };
const runs = { numRuns: 500, seed: 9_001 };

describe("a host record as it is stored", () => {
  it("is the same again when it is read, whatever it holds", async () => {
    const property = fc.asyncProperty(anyRecord, async (record) => {
      const database = memoryDatabase(testClock());
      const claim = await writeRecord(database, key, encodeHost(record), undefined);
      const item = (await database.get(key, "strong")).value;
      if (item === undefined || claim.kind !== "won") throw new Error("not written");

      expect(decodeHost("h1", item)).toEqual({ value: record, revision: claim.revision });
    });
    await fc.assert(property, runs);
  });

  it("is stored the same when it is read and stored again", () => {
    const property = fc.property(anyRecord, (record) => {
      const data = Object.fromEntries(Object.entries(encodeHost(record)).filter(([, value]) => value !== undefined));
      const again = decodeHost("h1", { key, revision: 1, schema: 1, data }).value;
      expect(encodeHost(again)).toEqual(encodeHost(record));
    });
    fc.assert(property, runs);
  });

  it("keeps the members of samples that end in empty bytes, each as often as it was seen in a row", () => {
    const padded = fc.array(fc.tuple(fc.subarray([1, 9, 17]), fc.nat({ max: 3 })), { minLength: 1, maxLength: 6 });
    const property = fc.property(anyRecord, padded, (record, drawn) => {
      const reach = drawn.map(([members, zeros]) =>
        Uint8Array.from([...bitsOf(members), ...new Array<number>(zeros).fill(0)]),
      );
      const data = Object.fromEntries(
        Object.entries(encodeHost({ ...record, reach })).filter(([, value]) => value !== undefined),
      );
      const read = decodeHost("h1", { key, revision: 1, schema: 1, data }).value.reach;
      expect(read.map(membersOf)).toEqual(reach.map(membersOf));
    });
    fc.assert(property, { ...runs, numRuns: 200 });
  });

  it("is refused by name of its key when part of it is missing or of another kind, and never read as something else", () => {
    const property = fc.property(
      anyRecord,
      fc.constantFrom("t", "n"),
      fc.constantFrom(null, 1, "x"),
      (record, name, value) => {
        const data = Object.fromEntries(Object.entries(encodeHost(record)).filter(([, one]) => one !== undefined));
        const broken = { ...data, [name]: name === "n" && value === "x" ? 1 : value };
        const read = () => decodeHost("h1", { key, revision: 1, schema: 1, data: broken });
        expect(read).toThrow(StoredDataError);
        expect(read).toThrow(/^item p #h#h1 cannot be read/);
      },
    );
    fc.assert(property, { ...runs, numRuns: 100 });
  });
});
