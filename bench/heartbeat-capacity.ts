import type { HostPlace } from "../shared/domain/network.ts";
import type { PlainAnswer } from "../shared/platform/plain-http.ts";
import { heartbeatWorld } from "./heartbeat-world.ts";
import { healthyBody, placesOf, signedHeartbeat } from "./heartbeats.ts";
import { makeMesh } from "./mesh.ts";
import { type Bench, plainRow, type Row } from "./row.ts";
import { seededRandom } from "./seeded-random.ts";

/** What one heartbeat takes, on average. */
export type Units = {
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Calls of the database. */
  readonly reads: number;
  readonly writes: number;
  /** Body and headers of the answer. */
  readonly answerBytes: number;
  readonly logBytes: number;
};

const timeoutMs = 30_000;
/** Longer than a write without news may wait, so that the first writes do not count. */
const warmS = 12;

/**
 * Every host of a mesh of `locations` with two hosts each heartbeats once a second, at a phase of its own, through a
 * container chosen at random; units are counted after the first `warmS` seconds, for `measuredS`.
 */
export async function measureUnits(locations: number, containers: number, measuredS: number): Promise<Units> {
  const network = makeMesh({ locations, hostsPerLocation: 2, timeoutMs, hostCheck: true });
  const { clock, meter, containers: receivers, logged } = await heartbeatWorld(network, containers, true);
  const next = seededRandom(locations * 100 + containers);
  const phased = placesOf(network)
    .map((place) => ({ place, phaseMs: Math.floor(next() * 1_000) }))
    .sort((a, b) => a.phaseMs - b.phaseMs);
  // The first host of a location that is heard is active, and holds the tunnels.
  const heardFirst = (place: HostPlace) => phased.find((one) => one.place.location === place.location)?.place === place;
  const hosts = phased.map((one) => ({ ...one, text: JSON.stringify(healthyBody(one.place, heardFirst(one.place))) }));
  let sequence = 0;
  let count = 0;
  let answerBytes = 0;
  let start = { ...meter };
  let startLogged = 0;
  const startMs = clock.nowMs();
  for (let second = 0; second < warmS + measuredS; second++) {
    if (second === warmS) {
      start = { ...meter };
      startLogged = logged.bytes;
      count = 0;
      answerBytes = 0;
    }
    for (const { place, phaseMs, text } of hosts) {
      await clock.advance(startMs + second * 1_000 + phaseMs - clock.nowMs());
      const receive = receivers[Math.floor(next() * receivers.length)];
      const response = await receive?.(signedHeartbeat(place.host.id, text, clock.nowMs(), sequence++));
      if (response?.status !== 200) throw new Error(`a heartbeat was answered ${response?.status}`);
      answerBytes += answerSize(response);
      count++;
    }
  }
  return {
    writeUnits: (meter.writeUnits - start.writeUnits) / count,
    readUnits: (meter.readUnits - start.readUnits) / count,
    reads: (meter.reads - start.reads) / count,
    writes: (meter.writes - start.writes) / count,
    answerBytes: answerBytes / count,
    logBytes: (logged.bytes - startLogged) / count,
  };
}

function answerSize(answer: PlainAnswer): number {
  const headers = Object.entries(answer.headers).reduce(
    (sum, [name, value]) => sum + name.length + value.length + 4,
    0,
  );
  return answer.body.length + headers;
}

export const heartbeatCapacity: Bench = {
  name: "heartbeat.capacity",
  async run(note) {
    const rows: Row[] = [];
    for (const containers of [1, 8]) {
      let smallest: Units | undefined;
      for (const locations of [2, 20, 200]) {
        note(`${locations} locations, ${containers} containers …`);
        const units = await measureUnits(locations, containers, locations === 200 ? 15 : 60);
        smallest ??= units;
        const name = `heartbeat.capacity.${locations}x${containers}`;
        const readBar = containers === 8 ? { most: 1.5 } : undefined;
        rows.push(plainRow(`${name}.write`, units.writeUnits, "write units", { most: 0.25 }));
        rows.push(plainRow(`${name}.read`, units.readUnits, "read units", readBar));
        if (locations === 200) {
          const sum = (one: Units) => one.writeUnits * 5 + one.readUnits;
          const growth = Math.max(units.writeUnits / smallest.writeUnits, units.readUnits / smallest.readUnits);
          note(`weighted units: ${sum(units).toFixed(3)} at 200, ${sum(smallest).toFixed(3)} at 2 locations`);
          rows.push(plainRow(`${name}.growth`, growth, "× the units at 2", { most: 1.1 }));
        }
      }
    }
    return rows;
  },
};
