import { createRequire } from "node:module";
import { KnownProvisioningState, KnownRouteNextHopType, NetworkManagementClient } from "@azure/arm-network";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { createAzureEmulator } from "../../../dev/emulators/azure/emulator.ts";
import { inProcess } from "../../../dev/emulators/azure/in-process.ts";
import { API_VERSION } from "../../../dev/emulators/azure/paths.ts";
import { testClock } from "../../../dev/test-clock.ts";
import { GROUP, interfaceId, SUBSCRIPTION, tableId } from "../../providers/azure/emulated-world.ts";
import { routesWorld } from "../../providers/azure/virtual.ts";

/** A property of a model as the SDK ships it. */
type Mapper = {
  readonly serializedName?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly type: {
    readonly name: string;
    readonly className?: string | undefined;
    readonly modelProperties?: Readonly<Record<string, Mapper>> | undefined;
    readonly element?: Mapper | undefined;
    readonly value?: Mapper | undefined;
  };
};
const Mapper: z.ZodMiniType<Mapper> = z.lazy(() =>
  z.looseObject({
    serializedName: z.optional(z.string()),
    readOnly: z.optional(z.boolean()),
    type: z.looseObject({
      name: z.string(),
      className: z.optional(z.string()),
      modelProperties: z.optional(z.record(z.string(), Mapper)),
      element: z.optional(Mapper),
      value: z.optional(Mapper),
    }),
  }),
);

/** What the SDK ships beside its main file, in the same package. */
const require = createRequire(import.meta.url);
const shipped = (file: string): Record<string, unknown> =>
  require(require.resolve("@azure/arm-network").replace(/index\.js$/, `models/${file}.js`));
const mappers = shipped("mappers");
const model = (name: string): Mapper => Mapper.parse(mappers[name]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The properties of a model by the path that they have in JSON, such as `properties.addressPrefix`. */
function propertiesOf(mapper: Mapper): ReadonlyMap<string, Mapper> {
  const properties = mapper.type.modelProperties ?? model(mapper.type.className ?? "").type.modelProperties ?? {};
  return new Map(Object.values(properties).map((property) => [property.serializedName ?? "", property]));
}

/** What stands in a body that the model does not know, or knows as something else. */
function strays(mapper: Mapper, value: unknown, at: string): readonly string[] {
  switch (mapper.type.name) {
    case "Composite": {
      if (!isRecord(value)) return [`${at}: not an object`];
      const known = propertiesOf(mapper);
      const flat = Object.entries(value).flatMap(([key, inner]) =>
        key === "properties" && isRecord(inner) && !known.has(key)
          ? Object.entries(inner).map(([name, deep]) => [`properties.${name}`, deep] as const)
          : [[key, inner] as const],
      );
      return flat.flatMap(([key, inner]) => {
        const property = known.get(key);
        return property === undefined ? [`${at}.${key}: not known`] : strays(property, inner, `${at}.${key}`);
      });
    }
    case "Sequence": {
      const { element } = mapper.type;
      if (!Array.isArray(value) || element === undefined) return [`${at}: not a list`];
      return value.flatMap((entry, index) => strays(element, entry, `${at}[${index}]`));
    }
    case "Dictionary":
      return isRecord(value) ? [] : [`${at}: not a map`];
    default:
      return typeof value === mapper.type.name.toLowerCase() ? [] : [`${at}: not a ${mapper.type.name}`];
  }
}

const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Network`;
const table = tableId("rt-1");

function emulated() {
  const clock = testClock();
  const emulator = createAzureEmulator({ clock, world: routesWorld(3, 3) });
  const call = async (method: string, path: string, body: unknown = undefined) => {
    const answer = await emulator.handle({
      method,
      path: `${path}${path.includes("?") ? "&" : "?"}api-version=${API_VERSION}`,
      headers: { authorization: "Bearer any", host: "arm.test" },
      body: body === undefined ? "" : JSON.stringify(body),
    });
    if (answer === "dropped") throw new Error("dropped");
    const read: unknown = answer.body === "" ? undefined : JSON.parse(answer.body);
    return { ...answer, read };
  };
  return { clock, emulator, call };
}

describe("the emulator of Azure against what its SDK ships", () => {
  it("speaks the version of the API that the SDK asks for", () => {
    expect(shipped("parameters")["apiVersion"]).toMatchObject({ mapper: { defaultValue: API_VERSION } });
  });

  it("answers nothing that the SDK's models do not know", async () => {
    const { emulator, call } = emulated();
    emulator.control.pageSize(2);
    const put = { properties: { addressPrefix: "10.9.0.0/16", nextHopType: "Internet" } };
    const answers: readonly [string, string, string, unknown?][] = [
      ["RouteTable", "GET", `${group}/routeTables/rt-1`],
      ["RouteTableListResult", "GET", `${group}/routeTables`],
      ["RouteTableListResult", "GET", `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Network/routeTables`],
      ["RouteListResult", "GET", `${group}/routeTables/rt-1/routes`],
      ["Route", "GET", `${group}/routeTables/rt-1/routes/to-0`],
      ["Route", "PUT", `${group}/routeTables/rt-1/routes/new`, put],
      ["VirtualNetwork", "GET", `${group}/virtualNetworks/vnet-home`],
      ["SubnetListResult", "GET", `${group}/virtualNetworks/vnet-home/subnets`],
      ["Subnet", "GET", `${group}/virtualNetworks/vnet-home/subnets/hosts?$expand=ipConfigurations`],
      ["NetworkInterface", "GET", `${group}/networkInterfaces/nic-a`],
      ["NetworkSecurityGroup", "GET", `${group}/networkSecurityGroups/nsg-1`],
      ["CloudError", "GET", `${group}/networkInterfaces/nic-none`],
      ["CloudError", "PUT", `${group}/routeTables/rt-1/routes/new`, {}],
    ];
    for (const [name, method, path, body] of answers) {
      const { read } = await call(method, path, body);
      expect(strays(model(name), read, name)).toEqual([]);
    }
  });

  it("takes of a route what the SDK's model lets a caller say, and nothing else", async () => {
    const { call } = emulated();
    const values: Readonly<Record<string, unknown>> = {
      id: `${table}/routes/new`,
      name: "new",
      type: "Microsoft.Network/routeTables/routes",
      etag: "x",
      "properties.addressPrefix": "10.9.0.0/16",
      "properties.nextHopType": "VirtualAppliance",
      "properties.nextHopIpAddress": "10.0.0.4",
      "properties.provisioningState": "Succeeded",
      "properties.hasBgpOverride": false,
    };
    const known = propertiesOf(model("Route"));
    expect([...known.keys()].sort()).toEqual(Object.keys(values).sort());
    const whole = { addressPrefix: "10.9.0.0/16", nextHopType: "VirtualAppliance", nextHopIpAddress: "10.0.0.4" };
    const bodyWith = (path: string, value: unknown) =>
      path.startsWith("properties.")
        ? { properties: { ...whole, [path.slice("properties.".length)]: value } }
        : { [path]: value, properties: whole };

    for (const [path, property] of known) {
      const { status } = await call("PUT", `${group}/routeTables/rt-1/routes/new`, bodyWith(path, values[path]));
      expect([path, status < 300]).toEqual([path, property.readOnly !== true]);
    }
    for (const path of ["tags", "properties.nextHop", "properties.addressPrefixes"]) {
      expect((await call("PUT", `${group}/routeTables/rt-1/routes/new`, bodyWith(path, "x"))).status).toBe(400);
    }
  });

  it("takes the kinds of next hop that the SDK names, each with an address or without", async () => {
    const { call } = emulated();
    for (const nextHopType of [...Object.values(KnownRouteNextHopType), "Elsewhere"]) {
      for (const nextHopIpAddress of ["10.0.0.4", undefined]) {
        const body = { properties: { addressPrefix: "10.9.0.0/16", nextHopType, nextHopIpAddress } };
        const { status } = await call("PUT", `${group}/routeTables/rt-1/routes/new`, body);
        const isRight = (nextHopType === "VirtualAppliance") === (nextHopIpAddress !== undefined);
        expect([nextHopType, nextHopIpAddress, status < 300]).toEqual([
          nextHopType,
          nextHopIpAddress,
          isRight && nextHopType !== "Elsewhere",
        ]);
      }
    }
  });

  it("shows no state of a route that the SDK does not name", async () => {
    const { clock, emulator, call } = emulated();
    const states = new Set<unknown>();
    const look = async () => {
      const { read } = await call("GET", `${group}/routeTables/rt-1/routes/to-0`);
      if (isRecord(read) && isRecord(read["properties"])) states.add(read["properties"]["provisioningState"]);
    };
    emulator.control.operations(100);
    emulator.control.failOperation({ code: "InternalServerError", message: "" });
    const body = { properties: { addressPrefix: "10.9.0.0/16", nextHopType: "Internet" } };
    await look();
    await call("PUT", `${group}/routeTables/rt-1/routes/to-0`, body);
    await look();
    await clock.advance(100);
    await look();
    await call("DELETE", `${group}/routeTables/rt-1/routes/to-0`);
    await look();

    expect([...states]).toEqual(["Succeeded", "Updating", "Failed", "Deleting"]);
    for (const state of states) expect(Object.values(KnownProvisioningState)).toContain(state);
  });

  it.each([
    ["an unknown version", "GET", `${group}/routeTables/rt-1?api-version=2015-06-15`, undefined, 400],
    ["an unknown query parameter", "GET", `${group}/routeTables/rt-1?$top=3`, undefined, 400],
    ["a name that no resource may have", "PUT", `${group}/routeTables/rt-1/routes/a%20b`, "route", 400],
    ["a prefix that is none", "PUT", `${group}/routeTables/rt-1/routes/x`, "10.9.0.1/16", 400],
    ["a prefix that another route has", "PUT", `${group}/routeTables/rt-1/routes/x`, "10.100.0.0/24", 400],
    ["a table that is not there", "PUT", `${group}/routeTables/rt-9/routes/x`, "route", 404],
    ["a whole table", "PUT", `${group}/routeTables/rt-1`, "route", 405],
    ["a path that is none", "GET", `${group}/loadBalancers`, undefined, 404],
  ])("refuses %s", async (_what, method, path, prefix, status) => {
    const { call } = emulated();
    const addressPrefix = prefix === "route" ? "10.9.0.0/16" : prefix;
    const body = prefix && { properties: { addressPrefix, nextHopType: "Internet" } };

    const answer = await call(method, path, body);

    expect(answer.status).toBe(status);
    expect(strays(model("CloudError"), answer.read, "error")).toEqual([]);
  });

  it("lets go of nothing without a bearer token", async () => {
    const { emulator } = emulated();
    const path = `${group}/routeTables/rt-1?api-version=${API_VERSION}`;

    expect(await emulator.handle({ method: "GET", path, headers: {}, body: "" })).toMatchObject({ status: 401 });
  });

  it("takes one change of a table at a time, and lets the SDK's own poller see how it ends", async () => {
    const { clock, emulator } = emulated();
    const credential = { getToken: async () => ({ token: "any", expiresOnTimestamp: clock.nowMs() + 3_600_000 }) };
    const client = new NetworkManagementClient(credential, SUBSCRIPTION, {
      endpoint: "https://arm.test",
      httpClient: inProcess(emulator),
      retryOptions: { maxRetries: 0 },
    });
    emulator.control.operations(1_000);
    emulator.control.failOperation({ code: "InternalServerError", message: "no", destination: "10.100.1.0/24" });
    const route = (addressPrefix: string) => ({ addressPrefix, nextHopType: "Internet" });
    const put = (name: string, prefix: string) =>
      client.routes.beginCreateOrUpdate(GROUP, "rt-1", name, route(prefix), { updateIntervalInMs: 1 });

    const first = await put("to-0", "10.100.0.0/24");
    await expect(put("to-1", "10.100.1.0/24")).rejects.toMatchObject({
      statusCode: 429,
      code: "AnotherOperationInProgress",
    });
    await clock.advance(1_000);
    expect(await first.pollUntilDone()).toMatchObject({ nextHopType: "Internet", provisioningState: "Succeeded" });

    const second = await put("to-1", "10.100.1.0/24");
    await clock.advance(1_000);
    await expect(second.pollUntilDone()).rejects.toThrow("InternalServerError");

    const third = await client.routes.beginDelete(GROUP, "rt-1", "to-2", { updateIntervalInMs: 1 });
    await clock.advance(1_000);
    await third.pollUntilDone();
    expect(emulator.control.routes(table).map(({ name }) => name)).toEqual(["to-0", "to-1"]);
  });

  it("is the same world again when it is restored from its dump", async () => {
    const { emulator } = emulated();
    const dump = emulator.dump();
    const other = createAzureEmulator({ clock: testClock() });
    other.restore(JSON.parse(JSON.stringify(dump)));

    expect(other.dump()).toEqual(dump);
    expect(other.control.routes(table)).toHaveLength(3);
    expect(other.dump().interfaces.map(({ name }) => name)).toContain(interfaceId("nic-a").split("/").at(-1));
  });
});
