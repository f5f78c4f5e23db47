import { describe, expect, it } from "vitest";
import { limits } from "../../shared/domain/limits.ts";
import { emptyNetwork } from "../../shared/domain/network.ts";
import { compileNetwork } from "../../shared/network-file/compile.ts";
import { parseNetworkFile } from "../../shared/network-file/parse.ts";
import { planFaults } from "../../soak/faults/plan.ts";
import { soakNetworkFile } from "../../soak/network-file.ts";
import { paceFor } from "../../soak/run/calibrate.ts";

const options = { seed: 1, locations: 100, lengthMs: 180_000, serverKills: 3, databaseKills: 3 };

describe("the soak's plan of faults", () => {
  it("is the same for the same seed and another for another", () => {
    expect(planFaults(options)).toEqual(planFaults(options));
    expect(planFaults({ ...options, seed: 2 })).not.toEqual(planFaults(options));
  });

  it("keeps outages apart, with every kill that was asked for, short and long ones of each kind", () => {
    const { outages } = planFaults(options);
    const gaps = outages.slice(1).map(({ atMs }, at) => atMs - (outages[at]?.atMs ?? 0));

    expect(outages.map(({ victim }) => victim).sort()).toEqual([
      "database",
      "database",
      "database",
      "server",
      "server",
      "server",
    ]);
    expect(Math.min(...gaps)).toBeGreaterThan(25_000);
    for (const victim of ["server", "database"]) {
      expect(new Set(outages.filter((one) => one.victim === victim).map(({ downMs }) => downMs)).size).toBe(2);
    }
  });

  it("lets one host of a location fail at a time, and has every kind of fault", () => {
    const { hosts } = planFaults(options);

    expect(new Set(hosts.map(({ kind }) => kind)).size).toBe(4);
    for (let location = 0; location < options.locations; location++) {
      const own = hosts.filter((fault) => fault.location === location);
      for (const [at, fault] of own.entries()) {
        expect(fault.atMs).toBeGreaterThan((own[at - 1]?.atMs ?? -1) + (own[at - 1]?.awayMs ?? 0));
        expect(fault.atMs).toBeLessThan(options.lengthMs);
      }
    }
  });
});

describe("the soak's network file", () => {
  it.each([
    [500, 100, 10],
    [40, 8, 1],
    [800, 200, 20],
    [25, 12, 2],
  ])("is valid with %i hosts in %i locations", (hosts, locations, links) => {
    const parsed = parseNetworkFile(soakNetworkFile(locations, hosts));
    let id = 0;
    const network = compileNetwork(parsed, emptyNetwork, () => `id${id++}`);
    const places = network.links.flatMap((link) => link.locations);

    expect(network.links).toHaveLength(links);
    expect(places).toHaveLength(locations);
    expect(places.reduce((sum, location) => sum + location.hosts.length, 0)).toBe(hosts);
    expect(network.links.every((link) => !link.hostCheck)).toBe(true);
  });
});

describe("the soak's pace", () => {
  it("is that of installed agents where the machine carries it", () => {
    expect(paceFor(50, 800, 100, 2, undefined)).toEqual({
      cpuMs: 8,
      processors: 2,
      sleepMs: limits.agentSleepMs,
      isTooMuch: false,
    });
  });

  it("is slower by what a heartbeat costs, but never so slow that one lost heartbeat is a time-out", () => {
    expect(paceFor(500, 800, 100, 2, undefined)).toMatchObject({ sleepMs: 3_100, isTooMuch: false });
    expect(paceFor(500, 8_000, 100, 2, undefined)).toMatchObject({ sleepMs: 5_000, isTooMuch: true });
    expect(paceFor(500, 800, 100, 2, 1_000)).toMatchObject({ sleepMs: 1_000, isTooMuch: true });
    expect(paceFor(500, 0, 100, 2, undefined)).toMatchObject({ cpuMs: undefined, sleepMs: 5_000 });
  });
});
