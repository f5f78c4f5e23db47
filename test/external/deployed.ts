import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateNetworkInterfaceCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import {
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from "@aws-sdk/client-iam";
import {
  type FunctionConfiguration,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand, ListQueuesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

export const credentials = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "testing",
  AWS_SECRET_ACCESS_KEY: "testing",
} as const;

type Statement = { readonly Sid?: string; readonly Action: unknown; readonly Resource?: unknown };
type Clients = ReturnType<typeof awsOf>;
export type LookedUp = Awaited<ReturnType<typeof lookUp>>;

/** The SDK's clients for an emulator, and the few steps that a person would take by hand. */
export function awsOf(endpoint: string) {
  const options = {
    endpoint,
    region: credentials.AWS_REGION,
    credentials: { accessKeyId: "testing", secretAccessKey: "testing" },
  };
  const clients = {
    cloudFormation: new CloudFormationClient(options),
    dynamo: new DynamoDBClient(options),
    ec2: new EC2Client(options),
    events: new EventBridgeClient(options),
    iam: new IAMClient(options),
    lambda: new LambdaClient(options),
    sqs: new SQSClient(options),
  };
  return {
    ...clients,
    destroy: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
    /** How many messages a queue holds, hidden ones left out. */
    async countMessages(queueName: string): Promise<number> {
      const { Attributes = {} } = await clients.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: await queueUrl(clients.sqs, queueName), AttributeNames: ["All"] }),
      );
      return (
        Number(Attributes["ApproximateNumberOfMessages"]) + Number(Attributes["ApproximateNumberOfMessagesDelayed"])
      );
    },
    /** Takes up to ten messages from a queue, as an event of Lambda's. */
    async takeMessages(queueName: string) {
      const QueueUrl = await queueUrl(clients.sqs, queueName);
      const answer = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      return { Records: (answer.Messages ?? []).map(({ MessageId, Body }) => ({ messageId: MessageId, body: Body })) };
    },
    /** A VPC with a route table and a host's network interface. */
    async makeVpc(CidrBlock: string) {
      const { Vpc } = await clients.ec2.send(new CreateVpcCommand({ CidrBlock }));
      const VpcId = Vpc?.VpcId ?? "";
      const { Subnet } = await clients.ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }));
      const { RouteTable } = await clients.ec2.send(new CreateRouteTableCommand({ VpcId }));
      const { NetworkInterface } = await clients.ec2.send(
        new CreateNetworkInterfaceCommand({ SubnetId: Subnet?.SubnetId }),
      );
      return {
        vpc: VpcId,
        table: RouteTable?.RouteTableId ?? "",
        networkInterface: NetworkInterface?.NetworkInterfaceId ?? "",
      };
    },
    /** What a route table points at an interface, by destination. */
    async routesOf(table: string) {
      const answer = await clients.ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [table] }));
      const routes = answer.RouteTables?.[0]?.Routes ?? [];
      return routes.flatMap(({ DestinationCidrBlock, NetworkInterfaceId }) =>
        NetworkInterfaceId === undefined ? [] : [[DestinationCidrBlock, NetworkInterfaceId]],
      );
    },
  };
}

async function queueUrl(sqs: SQSClient, name: string): Promise<string | undefined> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: name }));
  return QueueUrls.find((candidate) => candidate.endsWith(`/${name}`));
}

/** Status and outputs of a stack. */
export async function stackOutputs(aws: Clients, name: string) {
  const { Stacks = [] } = await aws.cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
  const outputs = (Stacks[0]?.Outputs ?? []).map((output) => [output.OutputKey, output.OutputValue] as const);
  return { status: Stacks[0]?.StackStatus, outputs: new Map(outputs) };
}

/** What stands in the account of a deployment, by the short names of functions and queues. */
export async function lookUp(aws: Clients, name: string) {
  const short = (long: string | undefined) => (long ?? "").replace(/^.*[/:]/, "").replace(`${name}-`, "");
  const { Functions = [] } = await aws.lambda.send(new ListFunctionsCommand({}));
  const functions = new Map(Functions.map((fn) => [short(fn.FunctionName), fn] as const));
  const { EventSourceMappings = [] } = await aws.lambda.send(new ListEventSourceMappingsCommand({}));
  const { QueueUrls = [] } = await aws.sqs.send(new ListQueuesCommand({ QueueNamePrefix: name }));
  const queues = await Promise.all(
    QueueUrls.map(async (QueueUrl) => {
      const answer = await aws.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
      return [short(QueueUrl), answer.Attributes ?? {}] as const;
    }),
  );
  return {
    functions,
    mappings: new Map(EventSourceMappings.map((mapping) => [short(mapping.FunctionArn), mapping] as const)),
    queues: new Map(queues),
    urls: await perFunction(functions, ["heartbeat", "admin"], (FunctionName) =>
      aws.lambda.send(new GetFunctionUrlConfigCommand({ FunctionName })),
    ),
    policies: await perFunction(functions, ["heartbeat", "failover", "admin"], async (FunctionName) => {
      const { Policy = "" } = await aws.lambda.send(new GetPolicyCommand({ FunctionName }));
      const { Statement } = JSON.parse(Policy) as { readonly Statement: readonly Statement[] };
      return Statement;
    }),
    roles: await perFunction(functions, ["heartbeat", "failover", "routes", "admin"], (_name, { Role }, PolicyName) =>
      inlinePolicy(aws, (Role ?? "").replace(/^.*\//, ""), PolicyName),
    ),
    trusts: await perFunction(functions, ["heartbeat", "failover", "routes", "admin"], (_name, { Role }) =>
      trustOf(aws, (Role ?? "").replace(/^.*\//, "")),
    ),
    schedule: await lookUpSchedule(aws),
    table: await lookUpTable(aws, name),
  };
}

/** What can be counted of a deployment, so that nothing more is there than is looked at. */
export async function count(aws: Clients) {
  const { Functions = [] } = await aws.lambda.send(new ListFunctionsCommand({}));
  const { EventSourceMappings = [] } = await aws.lambda.send(new ListEventSourceMappingsCommand({}));
  const { QueueUrls = [] } = await aws.sqs.send(new ListQueuesCommand({}));
  const { Rules = [] } = await aws.events.send(new ListRulesCommand({}));
  const { Roles = [] } = await aws.iam.send(new ListRolesCommand({}));
  const { TableNames = [] } = await aws.dynamo.send(new ListTablesCommand({}));
  return {
    functions: Functions.length,
    mappings: EventSourceMappings.length,
    queues: QueueUrls.length,
    rules: Rules.length,
    roles: Roles.length,
    tables: TableNames.length,
  };
}

/** What says that a stack is there; undefined when it is not. */
export async function stackStatus(aws: Clients, StackName: string): Promise<string | undefined> {
  const { Stacks = [] } = await aws.cloudFormation.send(new DescribeStacksCommand({}));
  return Stacks.find((stack) => stack.StackName === StackName)?.StackStatus;
}

async function lookUpTable(aws: Clients, TableName: string) {
  const { Table } = await aws.dynamo.send(new DescribeTableCommand({ TableName }));
  const { ItemCount: _items, TableSizeBytes: _bytes, ...description } = Table ?? {};
  return description;
}

/** Who may take a role, and that it has the one inline policy and no other. */
async function trustOf(aws: Clients, RoleName: string) {
  const [{ Role }, { PolicyNames }, { AttachedPolicies }] = await Promise.all([
    aws.iam.send(new GetRoleCommand({ RoleName })),
    aws.iam.send(new ListRolePoliciesCommand({ RoleName })),
    aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName })),
  ]);
  const { Statement } = readPolicy(Role?.AssumeRolePolicyDocument ?? "");
  return { Statement, PolicyNames, AttachedPolicies };
}

async function perFunction<T>(
  functions: ReadonlyMap<string, FunctionConfiguration>,
  wanted: readonly string[],
  look: (name: string, configuration: FunctionConfiguration, short: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  for (const short of wanted) {
    const configuration = functions.get(short);
    if (configuration?.FunctionName !== undefined) {
      found.set(short, await look(configuration.FunctionName, configuration, short));
    }
  }
  return found;
}

async function inlinePolicy(aws: Clients, role: string, PolicyName: string): Promise<readonly Statement[]> {
  const { PolicyDocument = "" } = await aws.iam.send(new GetRolePolicyCommand({ RoleName: role, PolicyName }));
  return readPolicy(PolicyDocument).Statement.filter((statement) => statement !== null);
}

/** moto keeps a policy of CloudFormation as Python prints it, and AWS::NoValue in a list as None. */
function readPolicy(document: string): { readonly Statement: readonly (Statement | null)[] } {
  const json = decodeURIComponent(document)
    .replaceAll("'", '"')
    .replaceAll(/\bNone\b/g, "null");
  return JSON.parse(json) as { readonly Statement: readonly (Statement | null)[] };
}

async function lookUpSchedule(aws: Clients) {
  const { Rules = [] } = await aws.events.send(new ListRulesCommand({}));
  const rule = Rules[0];
  if (rule?.Name === undefined) return { rule: undefined, targets: [] };
  const { Targets = [] } = await aws.events.send(new ListTargetsByRuleCommand({ Rule: rule.Name }));
  return { rule, targets: Targets };
}
