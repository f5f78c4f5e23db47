import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveEc2 } from "../../dev/emulators/ec2/server.ts";
import type { RouteChange } from "../../shared/domain/routes.ts";
import { bench, REGION, richWorld } from "../emulators/ec2/fixture.ts";
import { turnOf, untilDone } from "../providers/contract/world.ts";
import { providerContract } from "../providers/contract.ts";
import { motoWorld } from "./moto-world.ts";
import { type RunningServer, startServer } from "./process.ts";

/** What moto gets wrong or cannot do, by what the contract says. */
const SKIPS = {
  "shows a route whose interface is attached to nothing as a blackhole": "moto shows every route as active",
  "replaces in place: no destination is ever without a route": "moto cannot tell what stood when",
  "creates nothing over a route that stands, whosever it is": "moto overwrites a route to an interface in CreateRoute",
  "says who may not do what where, and applies the rest": "moto cannot be made to refuse one call",
  "does not repeat a call whose answer was lost, and says that it may be tried again": "moto cannot lose an answer",
  "does not repeat a call that the cloud failed": "moto cannot be made to fail one call",
  "writes what was throttled in its turn, each attempt with its own guard": "moto does not throttle",
  "says that a table takes no more routes": "moto has no quotas",
  "writes what reads show in place when it is told to, and leaves no gap by that": "moto cannot tell what stood when",
};

const python = process.env["POINTSMAN_PYTHON"] ?? "python3";
let server: RunningServer;

beforeAll(async () => {
  server = await startServer(python, (port) => ["-m", "moto.server", "--host", "127.0.0.1", "--port", `${port}`]);
});
afterAll(() => server?.stop());

providerContract("EC2, by moto", (shape) => motoWorld(server.endpoint, shape), SKIPS);

describe("networks in prefix lists, by moto", () => {
  // Not the routes for a list: moto forgets the list of a route to an interface.
  it("are put in, read and taken out, in a list that is made once", async () => {
    const world = await motoWorld(server.endpoint, { tables: 2 });
    const provider = world.openLists("here");
    const destinations = Array.from({ length: 150 }, (_, at) => `10.200.${at}.0/24`);
    const [list] = (await provider.survey(untilDone())).tables;
    if (list === undefined) throw new Error("no table for the list");
    const write = async (changes: readonly RouteChange[]) => {
      const outcomes = await provider.write(changes, turnOf(), untilDone());
      return outcomes.filter(({ result }) => result === "failed");
    };
    const putIn = (destination: string) => ({ kind: "create", table: list, destination, target: "entry" }) as const;
    const takeOut = (destination: string) => ({ kind: "remove", table: list, destination, found: "entry" }) as const;

    expect(await write(destinations.map(putIn))).toEqual([]);
    expect(await write(destinations.map(putIn))).toEqual([]);
    const { routes, tables } = await world.openLists("here").survey(untilDone());
    expect(routes.map(({ destination }) => destination)).toEqual([...destinations].sort());
    expect(tables[0]?.id).toMatch(/^pl-/);
    expect(await write(destinations.slice(10).map(takeOut))).toEqual([]);
    expect((await provider.survey(untilDone())).routes).toHaveLength(10);
    await world.close();
  });
});

describe("the EC2 emulator as boto3, which moto brings, reads it", () => {
  it("says the same to it as to the JavaScript SDK", async () => {
    const { emulator, ec2 } = bench(richWorld);
    const served = await serveEc2(emulator);
    const script = fileURLToPath(new URL("read_ec2.py", import.meta.url));

    const { stdout } = await promisify(execFile)(python, [script, served.url, REGION]);
    await served.close();

    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({}));
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
    const seen = { RouteTables, NetworkInterfaces, Reservations, refusal: ["InvalidRoute.NotFound", 400] };
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(seen)));
  });
});
