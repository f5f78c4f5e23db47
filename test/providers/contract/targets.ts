import { expect } from "vitest";
import type { TargetOutcome } from "../../../shared/ports/route-provider.ts";
import type { Case } from "./cases.ts";
import { type ContractWorld, untilDone } from "./world.ts";

type Told = { readonly hostId: string; readonly target: string; readonly localAddress?: string };

/** What each host's target comes to: the interface, or the code of the error. */
async function resolve(world: ContractWorld, hosts: readonly Told[]): Promise<Readonly<Record<string, string>>> {
  const outcomes = await ask(world, hosts);
  return Object.fromEntries(
    outcomes.map((outcome) => [outcome.hostId, outcome.result === "found" ? outcome.target : outcome.error.code]),
  );
}

function ask(world: ContractWorld, hosts: readonly Told[]): Promise<readonly TargetOutcome[]> {
  const provider = world.open({ by: "network" });
  return provider.targets(
    hosts.map((host) => ({ localAddress: "", ...host })),
    untilDone(),
  );
}

async function failure(world: ContractWorld, host: Told) {
  const [outcome] = await ask(world, [host]);
  if (outcome?.result !== "failed") throw new Error("the target was found");
  return outcome.error;
}

const namesOf = (world: ContractWorld) => world.named ?? { ...world.interfaces, missing: world.interfaceMissing };

export const targetCases: readonly Case[] = [
  {
    says: "takes an interface that is named as it is, whatever the host reports",
    run: async (world) => {
      const { a, b } = world.interfaces;
      const names = namesOf(world);
      const hosts = [
        { hostId: "hosta", target: names.a, localAddress: world.addresses.b },
        { hostId: "x", target: names.b },
      ];

      expect(await resolve(world, hosts)).toEqual({ hosta: a, x: b });
    },
  },
  {
    says: "takes the primary interface of an instance that is named",
    run: async (world) => {
      expect(await resolve(world, [{ hostId: "hosta", target: world.instanceOfA }])).toEqual({
        hosta: world.interfaces.a,
      });
    },
  },
  {
    says: "finds a host's own interface by the address that it reports",
    run: async (world) => {
      const hosts = [
        { hostId: "hosta", target: "auto", localAddress: world.addresses.a },
        { hostId: "hostb", target: "auto", localAddress: world.addresses.b },
      ];

      expect(await resolve(world, hosts)).toEqual({ hosta: world.interfaces.a, hostb: world.interfaces.b });
    },
  },
  {
    says: "lets no host claim another's interface by reporting its address",
    run: async (world) => {
      const hosts = [
        { hostId: "hosta", target: "auto", localAddress: world.addresses.a },
        { hostId: "hostb", target: "auto", localAddress: world.addresses.a },
      ];

      expect(await resolve(world, hosts)).toEqual({ hosta: world.interfaces.a, hostb: "TARGET_NOT_ALLOWED" });
    },
  },
  {
    says: "names the tag to set on an interface that has the address but not the tag",
    run: async (world) => {
      const error = await failure(world, { hostId: "hostu", target: "auto", localAddress: world.addresses.untagged });

      expect(error.code).toBe("TARGET_NOT_ALLOWED");
      expect(error.message).toContain(world.interfaces.untagged);
      expect(error.next).toContain(`${world.mark ?? "pointsman:host"}=hostu`);
    },
  },
  {
    says: "does not look for a reported address in other networks",
    run: async (world) => {
      const host = { hostId: "hostz", target: "auto", localAddress: world.addresses.elsewhere };

      expect(await resolve(world, [host])).toEqual({ hostz: "TARGET_MISSING" });
    },
  },
  {
    says: "allows no interface of another network, even if it is named",
    run: async (world) => {
      expect(await resolve(world, [{ hostId: "hosta", target: namesOf(world).elsewhere }])).toEqual({
        hosta: "TARGET_NOT_ALLOWED",
      });
    },
  },
  {
    says: "finds nothing for a host that has reported nothing, or no address",
    run: async (world) => {
      const reports = ["", "*", `${world.addresses.a.slice(0, -1)}?`, "fd00::1", "10.0.0", "x".repeat(300)];
      const hosts = reports.map((localAddress, at) => ({ hostId: `host${at}`, target: "auto", localAddress }));

      const resolved = await resolve(world, hosts);

      expect(Object.values(resolved)).toEqual(reports.map(() => "TARGET_MISSING"));
    },
  },
  {
    says: "says which interface is not there, and finds the others",
    run: async (world) => {
      const { a, missing } = namesOf(world);
      const hosts = [
        { hostId: "hosta", target: a },
        { hostId: "gone", target: missing },
      ];

      expect(await resolve(world, hosts)).toEqual({ hosta: world.interfaces.a, gone: "TARGET_MISSING" });
      expect((await failure(world, { hostId: "gone", target: missing })).message).toContain(missing);
    },
  },
  {
    says: "has an outcome for every host, and none without hosts",
    run: async (world) => {
      const hosts = Array.from({ length: 250 }, (_, at) => ({
        hostId: `host${at}`,
        target: "auto",
        localAddress: `10.77.0.${at}`,
      }));

      expect(await ask(world, hosts)).toHaveLength(250);
      expect(await ask(world, [])).toEqual([]);
    },
  },
];
