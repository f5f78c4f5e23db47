import {
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { systemClock } from "../../shared/platform/clock.ts";
import type { RouteProvider } from "../../shared/ports/route-provider.ts";
import { awsListProvider } from "../../shared/providers/aws/prefix-lists/provider.ts";
import { awsProvider } from "../../shared/providers/aws/provider.ts";
import { cloudOf, REGION, TAG } from "../providers/aws/emulated-world.ts";
import type { ContractWorld } from "../providers/contract/world.ts";

type Network = { readonly vpc: string; readonly subnet: string };
type Machine = { readonly instance: string; readonly networkInterface: string };

/** A client of moto that counts the calls that change routes. */
function countingClient(endpoint: string): { readonly client: EC2Client; readonly count: () => number } {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new EC2Client({ region: REGION, endpoint, maxAttempts: 1, credentials });
  let count = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (/^(?:Create|Replace|Delete)RouteCommand$/.test(commandName ?? "")) count++;
        return next(args);
      },
    { step: "initialize", name: "countChanges" },
  );
  return { client, count: () => count };
}

/** `openLists`: a provider that keeps the networks of a location in prefix lists. */
type MotoWorld = ContractWorld & { openLists(locationId: string): RouteProvider };

/** The contract's world in moto: two VPCs of its own in a server that all cases share. */
export async function motoWorld(endpoint: string, shape: { readonly tables: number }): Promise<MotoWorld> {
  const maker = countingClient(endpoint).client;
  const { client, count } = countingClient(endpoint);
  const home = await makeNetwork(maker, "10.0.0.0/16");
  const elsewhere = await makeNetwork(maker, "10.99.0.0/16");
  const tables: string[] = [];
  for (let at = 0; at < shape.tables; at++) tables.push(await makeTable(maker, home.vpc, at < 2));
  const a = await makeMachine(maker, home, "10.0.0.4", "hosta");
  const b = await makeMachine(maker, home, "10.0.0.5", "hostb");
  const untagged = await makeMachine(maker, home, "10.0.0.6");
  const other = await makeMachine(maker, elsewhere, "10.99.0.4", "hostz");
  const gateway = await maker.send(new CreateInternetGatewayCommand({}));
  const gatewayId = required(gateway.InternetGateway?.InternetGatewayId);
  const cannot = (what: string) => (): never => {
    throw new Error(`moto cannot ${what}: skip the case`);
  };
  return {
    tables,
    tableElsewhere: await makeTable(maker, elsewhere.vpc, true),
    tableMissing: "rtb-0123456789abcdef0",
    interfaces: {
      a: a.networkInterface,
      b: b.networkInterface,
      untagged: untagged.networkInterface,
      elsewhere: other.networkInterface,
    },
    interfaceMissing: "eni-0123456789abcdef0",
    addresses: { a: "10.0.0.4", b: "10.0.0.5", untagged: "10.0.0.6", elsewhere: "10.99.0.4" },
    instanceOfA: a.instance,
    open: (selection) => awsProvider(cloudOf(home.vpc, selection), client, systemClock),
    openLists(locationId) {
      const cloud = { ...cloudOf(home.vpc, { by: "tag", value: "yes" }), prefixList: { maxEntries: 200 } };
      return awsListProvider(cloud, locationId, client, systemClock);
    },
    async plant(table, destination, target) {
      await maker.send(
        new CreateRouteCommand({
          RouteTableId: table,
          ...(destination.includes(":")
            ? { DestinationIpv6CidrBlock: destination }
            : { DestinationCidrBlock: destination }),
          ...(target === "gateway" ? { GatewayId: gatewayId } : { NetworkInterfaceId: target }),
        }),
      );
    },
    standing: (table) => standing(maker, table),
    changingCalls: count,
    gaps: cannot("tell what stood when"),
    mishap: cannot("be made to fail"),
    detachA: cannot("show a blackhole"),
    fillQuota: cannot("refuse a route for its quota"),
    async close() {
      client.destroy();
      maker.destroy();
    },
  };
}

async function standing(ec2: EC2Client, table: string): Promise<ReadonlyMap<string, string>> {
  const answer = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [table] }));
  const routes = answer.RouteTables?.[0]?.Routes?.filter((route) => route.GatewayId !== "local") ?? [];
  return new Map(
    routes.map((route) => [
      route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? "",
      route.NetworkInterfaceId ?? route.GatewayId ?? "",
    ]),
  );
}

async function makeNetwork(ec2: EC2Client, cidr: string): Promise<Network> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: cidr }));
  const vpc = required(Vpc?.VpcId);
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpc, CidrBlock: cidr }));
  return { vpc, subnet: required(Subnet?.SubnetId) };
}

async function makeTable(ec2: EC2Client, vpc: string, isTagged: boolean): Promise<string> {
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpc }));
  const id = required(RouteTable?.RouteTableId);
  if (isTagged) await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: TAG, Value: "yes" }] }));
  return id;
}

async function makeMachine(ec2: EC2Client, network: Network, address: string, host?: string): Promise<Machine> {
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: "ami-12c6146b",
      MinCount: 1,
      MaxCount: 1,
      NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: network.subnet, PrivateIpAddress: address }],
    }),
  );
  const [instance] = Instances ?? [];
  const id = required(instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId);
  if (host !== undefined) {
    await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "pointsman:host", Value: host }] }));
  }
  return { instance: required(instance?.InstanceId), networkInterface: id };
}

function required(value: string | undefined): string {
  if (value === undefined) throw new Error("moto gave no id");
  return value;
}
