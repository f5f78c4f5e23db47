import {
  GlobalOperationsClient,
  InstancesClient,
  NetworksClient,
  ProjectsClient,
  RoutesClient,
} from "@google-cloud/compute";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EmulatorServer, HttpAnswer, HttpRequest } from "../../../dev/emulators/common/http-server.ts";
import { createGcpEmulator, type GcpEmulator } from "../../../dev/emulators/gcp/emulator.ts";
import { GCP_METHODS, type MethodName, methodOf } from "../../../dev/emulators/gcp/methods.ts";
import { WRITABLE } from "../../../dev/emulators/gcp/route-body.ts";
import { serveGcp } from "../../../dev/emulators/gcp/server.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { openGcp } from "../../../shared/providers/gcp/open.ts";
import { cloudOf, instance, LOCATION, NETWORK, PROJECT, seedOf, ZONE } from "../../providers/gcp/emulated-world.ts";
import { fieldsOf, type RpcMethod, rpcMethod, strangeIn } from "./protos.ts";

const url = (path: string): string => `https://www.googleapis.com/compute/v1/${path}`;
const network = url(`projects/${PROJECT}/global/networks/${NETWORK}`);
const TO = "10.200.0.0/16";

/** What Google's client ships about a method of the emulator. */
function shipped(name: MethodName): RpcMethod {
  const [service = "", method = ""] = name.split(".").map((part) => part.charAt(0).toUpperCase() + part.slice(1));
  return rpcMethod(service, method);
}

let emulator: GcpEmulator;
let server: EmulatorServer;
let strange: string[];

beforeAll(async () => {
  emulator = createGcpEmulator({ clock: systemClock, world: seedOf() });
  emulator.control.operations({ minMs: 1, maxMs: 20 });
  strange = [];
  server = await serveGcp({
    ...emulator,
    async handle(request) {
      const answer = await emulator.handle(request);
      if (answer !== "dropped") strange.push(...strangeOf(request, answer));
      return answer;
    },
  });
});
afterAll(() => server.close());
afterEach(() => {
  expect(strange).toEqual([]);
});

/** What of a request and its answer the descriptors do not know. */
function strangeOf(request: HttpRequest, answer: HttpAnswer): readonly string[] {
  const asked = new URL(request.path, "http://compute.test");
  const name = methodOf(request.method, asked.pathname)?.name;
  if (name === undefined) return [`${request.method} ${asked.pathname}: no such method`];
  const { request: requestType, response } = shipped(name);
  const known = fieldsOf(requestType);
  const isOfAll = (key: string) => key === "fields" || key.startsWith("$");
  const parameters = [...asked.searchParams.keys()].filter((key) => !known.includes(key) && !isOfAll(key));
  const inBody = name === "routes.insert" ? strangeIn(JSON.parse(request.body), "Route") : [];
  const inAnswer = answer.status === 200 ? strangeIn(JSON.parse(answer.body), response) : [];
  return [...parameters.map((key) => `${name}: no parameter ${key}`), ...inBody, ...inAnswer];
}

describe("the emulator of Google Cloud against what Google's client ships", () => {
  it("serves every method where the client looks for it, with parameters that the client knows", () => {
    for (const name of Object.keys(GCP_METHODS) as MethodName[]) {
      const { verb, path, query } = GCP_METHODS[name];
      const known = shipped(name);

      expect({ name, verb, path }).toEqual({ name, verb: known.verb, path: known.path });
      // `fields` is one of the parameters that every API of Google takes.
      for (const parameter of query.filter((one) => one !== "fields"))
        expect(fieldsOf(known.request)).toContain(parameter);
    }
  });

  it("takes no field of a route that the client does not know", () => {
    for (const field of WRITABLE) expect(fieldsOf("Route")).toContain(field);
  });

  it("finds what the descriptors do not know", () => {
    expect(strangeIn({ name: "r", colour: "red" }, "Route")).toEqual(["Route.colour: no such field"]);
    expect(strangeIn({ routeType: "MAGIC" }, "Route")).toEqual(["Route.routeType: no value MAGIC"]);
    expect(strangeIn({ priority: "1" }, "Route")).toEqual(["Route.priority: no whole number"]);
    expect(strangeIn({ warnings: [{ code: "OH_NO" }] }, "Route")).toEqual(["Route.warnings[0].code: no value OH_NO"]);
  });
});

describe("the emulator of Google Cloud and the provider", () => {
  it("say nothing that the descriptors do not know", async () => {
    const provider = openGcp(systemClock, server.url)(cloudOf(), LOCATION);
    const turn = (epoch: number) => ({ guard: () => Promise.resolve(), epoch });
    const signal = AbortSignal.timeout(20_000);
    const { tables } = await provider.survey(signal);
    const [table] = tables;
    if (table === undefined) throw new Error("no table");
    const [a, b] = [instance("vm-a"), instance("vm-b")];
    const hosts = [a, "auto"].map((target) => ({ hostId: "hosta", target, localAddress: "10.0.0.4" }));
    await provider.targets(hosts, signal);
    const place = { table, destination: "10.201.0.0/16" };

    await provider.write([{ kind: "create", ...place, target: a }], turn(1), signal);
    emulator.control.project(PROJECT).setInstance(ZONE, "vm-a", { status: "TERMINATED" });
    await provider.read(tables, signal);
    const error = { code: "QUOTA_EXCEEDED", message: "Quota exceeded", status: 403 };
    emulator.control.failOperation({ action: "routes.insert", error });
    await provider.write([{ kind: "replace", ...place, target: b, found: a }], turn(2), signal);
    await provider.write([{ kind: "replace", ...place, target: b, found: a }], turn(2), signal);
    const outcomes = await provider.write([{ kind: "remove", ...place, found: b }], turn(3), signal);

    expect(outcomes).toMatchObject([{ result: "written" }]);
  });
});

describe("the emulator of Google Cloud and Google's own client", () => {
  const options = () => ({
    fallback: true,
    protocol: "http",
    apiEndpoint: "127.0.0.1",
    port: server.port,
    apiKey: "none",
  });

  it("agree on inserting, reading, waiting and deleting", { timeout: 30_000 }, async () => {
    const routes = new RoutesClient(options());
    const operations = new GlobalOperationsClient(options());
    const routeResource = {
      name: "by-client",
      network,
      destRange: TO,
      priority: 7,
      nextHopInstance: url(instance("vm-a")),
    };

    const [inserted] = await routes.insert({ project: PROJECT, routeResource });
    const operation = inserted.latestResponse?.name;
    const [done] = await operations.wait({ project: PROJECT, operation: operation ?? "" });
    const [route] = await routes.get({ project: PROJECT, route: "by-client" });
    const [listed] = await routes.list({ project: PROJECT, maxResults: 1 });

    expect(done).toMatchObject({ status: "DONE" });
    expect(done.error ?? null).toBeNull();
    expect(route).toMatchObject({ priority: 7, routeType: "STATIC", destRange: TO, network });
    expect(listed.map(({ name }) => name)).toContain("by-client");
    await expect(routes.insert({ project: PROJECT, routeResource })).rejects.toThrow("already exists");
    await routes.delete({ project: PROJECT, route: "by-client" });
    await expect(routes.delete({ project: PROJECT, route: "nobody" })).rejects.toThrow("was not found");
  });

  it("agree on firewall policies, firewall rules and quotas", { timeout: 30_000 }, async () => {
    emulator.seed({
      projects: [
        {
          id: PROJECT,
          firewalls: [{ name: "inside", network: NETWORK, sourceRanges: ["10.0.0.0/8"] }],
          firewallPolicies: [
            {
              name: "org",
              rules: [
                { priority: 1, action: "deny", srcRegionCodes: ["XX"], srcSecureTags: ["tagValues/1"] },
                { priority: 2, action: "goto_next", protocol: "udp", ports: ["500", "4000-4500"] },
                { priority: 3, targetServiceAccounts: ["a@b.iam.gserviceaccount.com"], srcIpRanges: ["10.0.0.0/8"] },
              ],
            },
            { name: "regional", type: "NETWORK_REGIONAL", network: NETWORK, rules: [{ priority: 7, disabled: true }] },
          ],
        },
      ],
    });
    const request = { project: PROJECT, zone: ZONE, instance: "vm-a", networkInterface: "nic0" };
    const [effective] = await new InstancesClient(options()).getEffectiveFirewalls(request);
    const [project] = await new ProjectsClient(options()).get({ project: PROJECT });

    expect(effective.firewallPolicys?.map(({ type, rules }) => [type, rules?.length])).toEqual([
      ["HIERARCHY", 3],
      ["NETWORK_REGIONAL", 1],
    ]);
    expect(effective.firewalls?.map(({ name }) => name)).toContain("inside");
    expect(project.quotas).toMatchObject([{ metric: "ROUTES", limit: 10_000 }]);
  });

  it("agree on instances and networks", { timeout: 30_000 }, async () => {
    const instances = new InstancesClient(options());
    const networks = new NetworksClient(options());
    const [found] = await instances.get({ project: PROJECT, zone: ZONE, instance: "vm-b" });
    const zones: string[] = [];
    for await (const [zone, scoped] of instances.aggregatedListAsync({ project: PROJECT, maxResults: 2 })) {
      if ((scoped.instances?.length ?? 0) > 0) zones.push(zone);
    }
    const [home] = await networks.get({ project: PROJECT, network: NETWORK });

    expect(found).toMatchObject({ canIpForward: true, networkInterfaces: [{ networkIP: "10.0.0.5", network }] });
    expect(new Set(zones)).toEqual(new Set([`zones/${ZONE}`]));
    expect(home).toMatchObject({ name: NETWORK });
  });
});

describe("the emulator of Google Cloud refuses", () => {
  const good = { name: "r", network, destRange: TO, priority: 1, nextHopIp: "10.0.0.4" };
  const insert = async (body: Readonly<Record<string, unknown>>) => {
    const answer = await emulator.handle({
      method: "POST",
      path: `/compute/v1/projects/${PROJECT}/global/routes`,
      headers: {},
      body: JSON.stringify(body),
    });
    if (answer === "dropped") throw new Error("dropped");
    const told = JSON.parse(answer.body) as { error?: { errors: { reason: string }[] } };
    return `${answer.status} ${told.error?.errors[0]?.reason ?? ""}`;
  };

  it("what Google refuses, with Google's reasons", async () => {
    const refusals: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
      [{ ...good, colour: "red" }, "400 invalid"],
      [{ ...good, routeType: "STATIC" }, "400 invalid"],
      [{ ...good, name: "Route" }, "400 invalid"],
      [{ ...good, name: "r-" }, "400 invalid"],
      [{ ...good, name: `r${"x".repeat(63)}` }, "400 invalid"],
      [{ ...good, priority: 65_536 }, "400 invalid"],
      [{ ...good, priority: -1 }, "400 invalid"],
      [{ ...good, priority: "1" }, "400 invalid"],
      [{ ...good, destRange: "10.0.3.0/24" }, "400 invalid"],
      [{ ...good, destRange: "10.200.0.1/16" }, "400 invalid"],
      [{ ...good, nextHopIp: "192.168.0.1" }, "400 invalid"],
      [{ ...good, nextHopInstance: url(instance("vm-a")) }, "400 invalid"],
      [{ ...good, nextHopIp: undefined }, "400 invalid"],
      [{ ...good, nextHopIp: undefined, nextHopInstance: url(instance("vm-gone")) }, "404 notFound"],
      [{ ...good, nextHopIp: undefined, nextHopInstance: url(instance("vm-elsewhere")) }, "400 invalid"],
      [{ ...good, network: url(`projects/${PROJECT}/global/networks/gone`) }, "404 notFound"],
      [{ ...good, network: undefined }, "400 required"],
    ];
    for (const [body, answer] of refusals) expect([body, await insert(body)]).toEqual([body, answer]);
  });

  it("a second change of a route whose first is under way", async () => {
    emulator.control.operations(60_000);

    expect(await insert(good)).toBe("200 ");
    expect(await insert(good)).toBe("409 alreadyExists");
    emulator.control.calm();
  });

  it("what exceeds its rates", async () => {
    emulator.control.throttling(true);
    const answers: string[] = [];
    for (let at = 0; at < 390; at++) answers.push(await insert({ ...good, name: `bulk-${at}` }));
    emulator.control.calm();

    expect(answers.slice(0, 375)).not.toContain("403 rateLimitExceeded");
    expect(answers).toContain("403 rateLimitExceeded");
  });

  it("nothing of a world that was dumped", () => {
    const dumped = emulator.dump();
    emulator.restore(JSON.parse(JSON.stringify(dumped)));

    expect(emulator.dump()).toEqual(dumped);
  });
});
