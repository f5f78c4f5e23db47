import { makeMesh } from "../mesh.ts";
import { type Bench, plainRow, type Row } from "../row.ts";
import { describeDelays } from "./delays.ts";
import type { Death } from "./hosts.ts";
import { runManyAtOnce } from "./many-at-once.ts";
import { type Phase, runPhase } from "./phase.ts";

const phases = 500;

/** A way of failing over: what is measured, and the bars on the time to the first route write, in ms. */
type Case = {
  readonly name: string;
  readonly timeoutMs: number;
  readonly hostCheck: boolean;
  readonly death: Death;
  readonly bar: { readonly least?: number; readonly most: number };
  readonly reason: Phase["reason"];
};

const byTimeout = (timeoutS: number): Case => ({
  name: `timeout-${timeoutS}s`,
  timeoutMs: timeoutS * 1_000,
  hostCheck: false,
  death: "vanish",
  bar: { least: timeoutS * 800, most: timeoutS * 1_000 + 2_000 },
  reason: "timed-out",
});

const cases: readonly Case[] = [
  byTimeout(5),
  byTimeout(10),
  byTimeout(30),
  { name: "leave", timeoutMs: 30_000, hostCheck: true, death: "leave", bar: { most: 1_500 }, reason: "left" },
  {
    name: "suspect-silent",
    timeoutMs: 30_000,
    hostCheck: true,
    death: "vanish",
    bar: { most: 8_000 },
    reason: "suspected",
  },
  {
    name: "suspect-refused",
    timeoutMs: 30_000,
    hostCheck: true,
    death: "refuse",
    bar: { most: 5_000 },
    reason: "suspected",
  },
];

/** Fail-over times in virtual time: the real functions under the printed model of delays, 500 seeded phases a case. */
export const failover: Bench = {
  name: "failover",
  async run(note) {
    for (const line of describeDelays()) note(line);
    const rows: Row[] = [];
    for (const one of cases) rows.push(...(await runCase(one, note)));
    const timeoutMs = 30_000;
    note("100 locations that fail at once …");
    const committedMs = await runManyAtOnce(100, timeoutMs, 1);
    rows.push(plainRow("failover.100-at-once.committed.max", committedMs, "ms", { most: timeoutMs + 5_000 }));
    return rows;
  },
};

async function runCase(one: Case, note: (line: string) => void): Promise<readonly Row[]> {
  const network = makeMesh({
    locations: 2,
    hostsPerLocation: 2,
    timeoutMs: one.timeoutMs,
    hostCheck: one.hostCheck,
    holdUpMs: 5_000,
  });
  const results: Phase[] = [];
  for (let seed = 1; seed <= phases; seed++) {
    if (seed % 100 === 1) note(`failover.${one.name}: phase ${seed} of ${phases} …`);
    const phase = await runPhase(network, seed, one.death);
    if (phase.reason !== one.reason) throw new Error(`failover.${one.name} seed ${seed}: moved for ${phase.reason}`);
    results.push(phase);
  }
  const first = sorted(results.map((phase) => phase.firstWriteMs));
  const verified = sorted(results.map((phase) => phase.verifiedMs));
  const name = `failover.${one.name}`;
  const leastBar = one.bar.least === undefined ? undefined : { least: one.bar.least };
  return [
    plainRow(`${name}.first-write.min`, first.min, "ms", leastBar),
    plainRow(`${name}.first-write.p50`, first.p50, "ms"),
    plainRow(`${name}.first-write.max`, first.max, "ms", { most: one.bar.most }),
    plainRow(`${name}.verified.min`, verified.min, "ms"),
    plainRow(`${name}.verified.p50`, verified.p50, "ms"),
    plainRow(`${name}.verified.max`, verified.max, "ms"),
  ];
}

function sorted(values: readonly number[]): { readonly min: number; readonly p50: number; readonly max: number } {
  const inOrder = [...values].sort((a, b) => a - b);
  const at = (index: number) => inOrder[index] ?? Number.NaN;
  return { min: at(0), p50: at(inOrder.length >> 1), max: at(inOrder.length - 1) };
}
