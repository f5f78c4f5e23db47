import { measureUnits, type Units } from "./heartbeat-capacity.ts";
import { measureCpuUs } from "./heartbeat-cpu.ts";
import { assumed, prices } from "./prices.ts";
import { type Bench, plainRow, type Row } from "./row.ts";
import { measureSweep } from "./sweep-units.ts";

const bar = 1.5;
const perMonth = 3_600 * 24 * assumed.daysPerMonth;

/** US dollars a host and month at one heartbeat a second and a time-out of 30 s, in links of two hosts a location. */
export const cost: Bench = {
  name: "cost.host-month",
  async run(note) {
    note(`prices of us-east-1 as of ${prices.date}, without free tiers: ${JSON.stringify(prices)}`);
    note(`assumed: ${JSON.stringify(assumed)}`);
    const rows: Row[] = [];
    for (const locations of [2, 20, 200]) {
      note(`${locations} locations …`);
      const units = await measureUnits(locations, 1, locations === 200 ? 15 : 60);
      const cpuUs = await measureCpuUs(locations, locations === 200 ? 2_000 : 8_000);
      const parts = { ...heartbeatCost(units, cpuUs), sweeps: (await sweepCost(locations)) / (locations * 2) };
      const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
      const name = `cost.host-month.${locations}`;
      rows.push(plainRow(name, total, "US$", locations === 2 ? { most: bar } : undefined));
      for (const [part, value] of Object.entries(parts)) rows.push(plainRow(`${name}.${part}`, value, "US$"));
    }
    return rows;
  },
};

function heartbeatCost(units: Units, cpuUs: number) {
  const calls = units.reads + units.writes;
  const ms = calls * assumed.databaseMs + (cpuUs / 1_000) * (assumed.wholeCpuMb / assumed.heartbeatMb);
  return {
    requests: (perMonth * prices.lambdaPerMillion) / 1e6,
    compute: perMonth * (ms / 1_000) * (assumed.heartbeatMb / 1_024) * prices.lambdaArmPerGbS,
    writes: (perMonth * units.writeUnits * prices.writePerMillion) / 1e6,
    reads: (perMonth * units.readUnits * prices.readPerMillion) / 1e6,
    egress: (perMonth * (units.answerBytes + assumed.endpointHeaderBytes) * prices.egressPerGb) / 1e9,
    logs: (perMonth * units.logBytes * prices.logsPerGb) / 1e9,
  };
}

/** Of the whole deployment: twelve sweeps a minute with their messages, and the reconcile wakes of every location. */
async function sweepCost(locations: number): Promise<number> {
  const sweep = await measureSweep(locations);
  const minutes = perMonth / 60;
  const ms = sweep.databaseCalls * assumed.databaseMs + sweep.cpuMs * (assumed.wholeCpuMb / assumed.failoverMb);
  return (
    minutes *
    ((sweep.runs * prices.lambdaPerMillion) / 1e6 +
      (ms / 1_000) * (assumed.failoverMb / 1_024) * prices.lambdaArmPerGbS +
      (sweep.writeUnits * prices.writePerMillion + sweep.readUnits * prices.readPerMillion) / 1e6 +
      (sweep.queueRequests * prices.sqsPerMillion) / 1e6)
  );
}
