import {
  type AddPrefixListEntry,
  CreateManagedPrefixListCommand,
  type CreateManagedPrefixListCommandInput,
  CreateRouteCommand,
  type CreateRouteCommandInput,
  DeleteRouteCommand,
  type DeleteRouteCommandInput,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeManagedPrefixListsCommand,
  type DescribeManagedPrefixListsCommandInput,
  DescribeNetworkAclsCommand,
  type DescribeNetworkAclsCommandInput,
  DescribeNetworkInterfacesCommand,
  type DescribeNetworkInterfacesCommandInput,
  DescribeRouteTablesCommand,
  type DescribeRouteTablesCommandInput,
  DescribeSecurityGroupsCommand,
  type DescribeSecurityGroupsCommandInput,
  EC2Client,
  type Filter,
  GetManagedPrefixListEntriesCommand,
  type GetManagedPrefixListEntriesCommandInput,
  ModifyManagedPrefixListCommand,
  type ModifyManagedPrefixListCommandInput,
  ModifyNetworkInterfaceAttributeCommand,
  type ModifyNetworkInterfaceAttributeCommandInput,
  ReplaceRouteCommand,
  type ReplaceRouteCommandInput,
} from "@aws-sdk/client-ec2";
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { ASSUME_ROLE_PARAMETERS } from "../../../dev/emulators/ec2/assume-role.ts";
import { EC2_ACTIONS, type Ec2Emulator } from "../../../dev/emulators/ec2/emulator.ts";
import { inProcess } from "../../../dev/emulators/ec2/in-process.ts";
import { patternOf } from "../../../dev/emulators/ec2/parameters.ts";
import { bench, REGION, richWorld } from "./fixture.ts";

const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };

/** Every field that the SDK's type of an input has: the compiler refuses the list when one is missing. */
type Everything<T> = { [K in keyof Required<T>]: NonNullable<T[K]> };

const filter: Everything<Filter> = { Name: "vpc-id", Values: ["vpc-1"] };
const paging = { DryRun: false, Filters: [filter], MaxResults: 5, NextToken: "token" };
const destinations = {
  DryRun: false,
  RouteTableId: "rtb-1",
  DestinationCidrBlock: "10.9.0.0/16",
  DestinationIpv6CidrBlock: "fd00:9::/64",
  DestinationPrefixListId: "pl-1",
};
const targets = {
  CarrierGatewayId: "cagw-1",
  CoreNetworkArn: "arn:aws:networkmanager::1:core-network/1",
  EgressOnlyInternetGatewayId: "eigw-1",
  GatewayId: "igw-1",
  InstanceId: "i-1",
  LocalGatewayId: "lgw-1",
  NatGatewayId: "nat-1",
  NetworkInterfaceId: "eni-1",
  OdbNetworkArn: "arn:aws:odb::1:network/1",
  TransitGatewayId: "tgw-1",
  VpcEndpointId: "vpce-1",
  VpcPeeringConnectionId: "pcx-1",
};

const tables: Everything<DescribeRouteTablesCommandInput> = { ...paging, RouteTableIds: ["rtb-1"] };
const interfaces: Everything<DescribeNetworkInterfacesCommandInput> = {
  ...paging,
  IncludeManagedResources: false,
  NetworkInterfaceIds: ["eni-1"],
};
const acls: Everything<DescribeNetworkAclsCommandInput> = { ...paging, NetworkAclIds: ["acl-1"] };
const instances: Everything<DescribeInstancesCommandInput> = {
  ...paging,
  IncludeManagedResources: false,
  InstanceIds: ["i-1"],
};
const groups: Everything<DescribeSecurityGroupsCommandInput> = {
  ...paging,
  GroupIds: ["sg-1"],
  GroupNames: ["x"],
};
const modification: Everything<ModifyNetworkInterfaceAttributeCommandInput> = {
  AssociatePublicIpAddress: false,
  AssociatedSubnetIds: ["subnet-1"],
  Attachment: {
    AttachmentId: "eni-attach-1",
    DefaultEnaQueueCount: false,
    DeleteOnTermination: false,
    EnaQueueCount: 1,
  },
  ConnectionTrackingSpecification: { TcpEstablishedTimeout: 60, UdpStreamTimeout: 60, UdpTimeout: 30 },
  Description: { Value: "x" },
  DryRun: false,
  EnaSrdSpecification: { EnaSrdEnabled: false, EnaSrdUdpSpecification: { EnaSrdUdpEnabled: false } },
  EnablePrimaryIpv6: false,
  Groups: ["sg-1"],
  NetworkInterfaceId: "eni-1",
  SourceDestCheck: { Value: false },
};
const entry: Everything<AddPrefixListEntry> = { Cidr: "10.9.0.0/16", Description: "office" };
const lists: Everything<DescribeManagedPrefixListsCommandInput> = { ...paging, PrefixListIds: ["pl-1"] };
const listEntries: Everything<GetManagedPrefixListEntriesCommandInput> = {
  DryRun: false,
  MaxResults: 5,
  NextToken: "token",
  PrefixListId: "pl-1",
  TargetVersion: 1,
};
const listCreation: Everything<CreateManagedPrefixListCommandInput> = {
  AddressFamily: "IPv4",
  ClientToken: "token",
  DryRun: false,
  Entries: [entry],
  MaxEntries: 5,
  PrefixListName: "list",
  TagSpecifications: [{ ResourceType: "prefix-list", Tags: [{ Key: "k", Value: "v" }] }],
};
const listModification: Everything<ModifyManagedPrefixListCommandInput> = {
  AddEntries: [entry],
  CurrentVersion: 1,
  DryRun: false,
  IpamPrefixListResolverSyncEnabled: false,
  MaxEntries: 5,
  PrefixListId: "pl-1",
  PrefixListName: "list",
  RemoveEntries: [{ Cidr: "10.9.0.0/16" }],
};
const creation: Everything<CreateRouteCommandInput> = { ...destinations, ...targets };
const replacement: Everything<ReplaceRouteCommandInput> = { ...destinations, ...targets, LocalTarget: false };
const deletion: Everything<DeleteRouteCommandInput> = destinations;

/** The parameter names that the real SDK puts on the wire, `N` standing for places in lists. */
async function wireNames(send: (handler: object) => Promise<unknown>): Promise<string[]> {
  const names = new Set<string>();
  const handler = {
    handle: async (request: { body: string }) => {
      for (const name of new URLSearchParams(request.body).keys()) names.add(patternOf(name));
      return { response: { statusCode: 200, headers: {}, body: new TextEncoder().encode("<R></R>") } };
    },
  };
  await send(handler);
  return [...names].filter((name) => name !== "Action" && name !== "Version").sort();
}

/** The answers that the emulator gave while `read` ran, as XML. */
async function answersOf(emulator: Ec2Emulator, read: (ec2: EC2Client) => Promise<unknown>): Promise<string> {
  let xml = "";
  const spied: Ec2Emulator = {
    ...emulator,
    async handle(request) {
      const answer = await emulator.handle(request);
      if (answer !== "dropped") xml = answer.body;
      return answer;
    },
  };
  await read(
    new EC2Client({ region: REGION, endpoint: "http://ec2.test", credentials, requestHandler: inProcess(spied) }),
  );
  return xml;
}

/** How many values an answer of the SDK holds. */
function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Date) return value === undefined ? 0 : 1;
  const parts = Object.entries(value).filter(([name]) => name !== "$metadata");
  if (Array.isArray(value) && parts.length === 0) return 1;
  return parts.reduce((sum, [, part]) => sum + countValues(part), 0);
}

/** How many elements without elements inside an answer's XML holds, but for the request's id. */
function countElements(xml: string): number {
  return (xml.match(/<(\w+)>[^<]*<\/\1>/g) ?? []).length - 1;
}

describe("the EC2 emulator against the model in the SDK", () => {
  const commands = {
    CreateManagedPrefixList: new CreateManagedPrefixListCommand(listCreation),
    CreateRoute: new CreateRouteCommand(creation),
    DeleteRoute: new DeleteRouteCommand(deletion),
    DescribeInstances: new DescribeInstancesCommand(instances),
    DescribeManagedPrefixLists: new DescribeManagedPrefixListsCommand(lists),
    DescribeNetworkAcls: new DescribeNetworkAclsCommand(acls),
    DescribeNetworkInterfaces: new DescribeNetworkInterfacesCommand(interfaces),
    DescribeRouteTables: new DescribeRouteTablesCommand(tables),
    DescribeSecurityGroups: new DescribeSecurityGroupsCommand(groups),
    GetManagedPrefixListEntries: new GetManagedPrefixListEntriesCommand(listEntries),
    ModifyManagedPrefixList: new ModifyManagedPrefixListCommand(listModification),
    ModifyNetworkInterfaceAttribute: new ModifyNetworkInterfaceAttributeCommand(modification),
    ReplaceRoute: new ReplaceRouteCommand(replacement),
  };

  it("emulates no action that is not compared here", () => {
    expect(Object.keys(EC2_ACTIONS).sort()).toEqual(Object.keys(commands));
  });

  it.each(Object.entries(commands))(
    "takes for %s exactly the parameters that the SDK can send",
    async (name, command) => {
      const sent = await wireNames((requestHandler) => {
        const ec2 = new EC2Client({ region: REGION, endpoint: "http://ec2.test", credentials, requestHandler });
        // The union of commands has no common overload of send.
        return ec2.send(command as CreateRouteCommand);
      });

      expect([...(EC2_ACTIONS[name]?.parameters ?? [])].sort()).toEqual(sent);
    },
  );

  it("takes for AssumeRole only parameters that the SDK can send", async () => {
    const input: AssumeRoleCommandInput = {
      RoleArn: "arn:aws:iam::111111111111:role/x",
      RoleSessionName: "x",
      ExternalId: "x",
      DurationSeconds: 900,
    };

    const sent = await wireNames((requestHandler) => {
      const sts = new STSClient({ region: REGION, endpoint: "http://sts.test", credentials, requestHandler });
      return sts.send(new AssumeRoleCommand(input)).catch(() => undefined);
    });

    expect([...ASSUME_ROLE_PARAMETERS].sort()).toEqual(sent);
  });

  const reads = {
    DescribeRouteTables: (ec2: EC2Client) => ec2.send(new DescribeRouteTablesCommand({ MaxResults: 5 })),
    DescribeNetworkInterfaces: (ec2: EC2Client) => ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults: 5 })),
    DescribeInstances: (ec2: EC2Client) => ec2.send(new DescribeInstancesCommand({ MaxResults: 5 })),
    DescribeManagedPrefixLists: (ec2: EC2Client) => ec2.send(new DescribeManagedPrefixListsCommand({ MaxResults: 5 })),
    GetManagedPrefixListEntries: (ec2: EC2Client) =>
      ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: "pl-1" })),
    DescribeNetworkAcls: (ec2: EC2Client) => ec2.send(new DescribeNetworkAclsCommand({ MaxResults: 5 })),
    DescribeSecurityGroups: (ec2: EC2Client) => ec2.send(new DescribeSecurityGroupsCommand({ MaxResults: 5 })),
  };

  it.each(Object.entries(reads))(
    "writes into an answer of %s no element that the SDK does not know",
    async (_, read) => {
      const { emulator } = bench(richWorld);
      let parsed: unknown;

      const xml = await answersOf(emulator, async (ec2) => {
        parsed = await read(ec2);
      });

      expect(countElements(xml)).toBeGreaterThan(20);
      expect(countValues(parsed)).toBe(countElements(xml));
    },
  );

  it("writes into answers to changes of prefix lists no element that the SDK does not know", async () => {
    const { emulator } = bench(richWorld);
    const modification = { PrefixListId: "pl-2", CurrentVersion: 1, AddEntries: [{ Cidr: "10.9.0.0/16" }] };
    for (const command of [
      new CreateManagedPrefixListCommand({ ...listCreation, Entries: [{ Cidr: "10.9.0.0/16" }] }),
      new ModifyManagedPrefixListCommand(modification),
    ]) {
      let parsed: unknown;
      const xml = await answersOf(emulator, async (client) => {
        // The union of commands has no common overload of send.
        parsed = await client.send(command as ModifyManagedPrefixListCommand);
      });
      expect(countElements(xml)).toBeGreaterThan(7);
      expect(countValues(parsed)).toBe(countElements(xml));
    }
  });

  it("is parsed into exactly the tables and routes that were seeded", async () => {
    const { ec2 } = bench(richWorld);

    const answer = await ec2.send(
      new DescribeRouteTablesCommand({ Filters: [{ Name: "route-table-id", Values: ["rtb-1"] }] }),
    );

    const eni = { NetworkInterfaceId: "eni-a", InstanceId: "i-a", InstanceOwnerId: "000000000000" };
    const made = { State: "active", Origin: "CreateRoute" } as const;
    expect(answer.RouteTables).toEqual([
      {
        RouteTableId: "rtb-1",
        VpcId: "vpc-1",
        OwnerId: "000000000000",
        Tags: [{ Key: "na<me>", Value: 'a "b" & c' }],
        PropagatingVgws: [{ GatewayId: "vgw-1" }],
        Associations: [
          {
            RouteTableAssociationId: "rtbassoc-10",
            RouteTableId: "rtb-1",
            Main: true,
            AssociationState: { State: "associated" },
          },
          {
            RouteTableAssociationId: "rtbassoc-11",
            RouteTableId: "rtb-1",
            SubnetId: "subnet-1",
            Main: false,
            AssociationState: { State: "associated" },
          },
        ],
        Routes: [
          { DestinationCidrBlock: "10.0.0.0/16", GatewayId: "local", State: "active", Origin: "CreateRouteTable" },
          { DestinationIpv6CidrBlock: "fd00:1::/56", GatewayId: "local", State: "active", Origin: "CreateRouteTable" },
          { DestinationCidrBlock: "10.1.0.0/16", ...eni, ...made },
          { DestinationIpv6CidrBlock: "fd00:9::/64", ...eni, ...made },
          { DestinationPrefixListId: "pl-1", GatewayId: "vpce-1", ...made },
          { DestinationCidrBlock: "10.2.0.0/16", NatGatewayId: "nat-1", ...made },
          { DestinationCidrBlock: "10.3.0.0/16", VpcPeeringConnectionId: "pcx-1", ...made },
          { DestinationCidrBlock: "10.4.0.0/16", TransitGatewayId: "tgw-1", ...made },
          { DestinationIpv6CidrBlock: "::/0", EgressOnlyInternetGatewayId: "eigw-1", ...made },
          {
            DestinationCidrBlock: "10.5.0.0/16",
            GatewayId: "vgw-1",
            State: "active",
            Origin: "EnableVgwRoutePropagation",
          },
          {
            DestinationCidrBlock: "10.6.0.0/16",
            NetworkInterfaceId: "eni-c",
            State: "blackhole",
            Origin: "CreateRoute",
          },
          {
            DestinationCidrBlock: "10.7.0.0/16",
            NetworkInterfaceId: "eni-404",
            State: "blackhole",
            Origin: "CreateRoute",
          },
        ],
      },
    ]);
  });

  it("is parsed into exactly the interface that was seeded", async () => {
    const { ec2 } = bench(richWorld);

    const answer = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ["eni-a"] }));

    expect(answer.NetworkInterfaces).toEqual([
      {
        NetworkInterfaceId: "eni-a",
        SubnetId: "subnet-1",
        VpcId: "vpc-1",
        OwnerId: "000000000000",
        Description: "",
        InterfaceType: "interface",
        Status: "in-use",
        SourceDestCheck: true,
        PrivateIpAddress: "10.0.0.4",
        PrivateIpAddresses: [
          { PrivateIpAddress: "10.0.0.4", Primary: true },
          { PrivateIpAddress: "10.0.0.5", Primary: false },
        ],
        Ipv6Addresses: [{ Ipv6Address: "fd00:1::4" }],
        Groups: [{ GroupId: "sg-1", GroupName: "sg-1" }],
        Attachment: {
          AttachmentId: "eni-attach-a",
          AttachTime: new Date("2024-01-01T00:00:00.000Z"),
          DeleteOnTermination: false,
          DeviceIndex: 0,
          NetworkCardIndex: 0,
          Status: "attached",
          InstanceId: "i-a",
          InstanceOwnerId: "000000000000",
        },
        RequesterManaged: false,
        TagSet: [{ Key: "pointsman:host", Value: "h1" }],
      },
    ]);
  });
});
