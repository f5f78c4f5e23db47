import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { arnOf, expectedStatements } from "./expected-roles.ts";
import {
  everySetting,
  functionNames,
  logicalOf,
  type Packaged,
  packageService,
  type Resource,
} from "./packaged-service.ts";

const root = join(import.meta.dirname, "..");

let usual: Packaged;
let full: Packaged;
let moving: Packaged;

beforeAll(async () => {
  [usual, full, moving] = await Promise.all([
    packageService(undefined),
    packageService(everySetting),
    packageService(everySetting.replace("endpoint: custom-domain", "endpoint: both")),
  ]);
}, 300_000);

/** A resource of the template by its logical id; fails the test when there is none. */
function resource(id: string, packaged = usual): Resource {
  const found = packaged.template.Resources[id];
  if (found === undefined) throw new Error(`no resource ${id}`);
  return found;
}
const ofType = (type: string, packaged = usual) =>
  Object.entries(packaged.template.Resources)
    .filter(([, candidate]) => candidate.Type === type)
    .map(([id]) => id)
    .sort();

describe("the table", () => {
  it("is on demand, encrypted, recoverable, protected, and outlives the stack", () => {
    expect(resource("Table")).toEqual({
      Type: "AWS::DynamoDB::Table",
      Condition: "ShallCreateTable",
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        TableName: "pointsman-prod",
        BillingMode: "PAY_PER_REQUEST",
        DeletionProtectionEnabled: true,
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
        TimeToLiveSpecification: { AttributeName: "x", Enabled: true },
        Tags: [{ Key: "application", Value: "pointsman" }],
      },
    });
    expect(usual.parameters["CreateTable"]).toBe("true");
  });

  it("can be one that exists already, such as a replica of a global table", () => {
    expect(full.parameters["CreateTable"]).toBe("false");
    expect(full.template.Outputs["TableName"]?.Value).toBe("pointsman-shared");
    for (const name of functionNames) {
      const { Variables } = resource(`${logicalOf(name)}LambdaFunction`, full).Properties["Environment"] as {
        readonly Variables: Record<string, unknown>;
      };
      expect(Variables["POINTSMAN_TABLE"]).toBe("pointsman-shared");
      expect(JSON.stringify(resource(`${logicalOf(name)}Role`, full))).toContain(":table/pointsman-shared");
    }
  });
});

describe("the functions", () => {
  it("are these four", () => {
    expect(ofType("AWS::Lambda::Function")).toEqual(
      functionNames.map((name) => `${logicalOf(name)}LambdaFunction`).sort(),
    );
  });

  it.each([
    ["heartbeat", 256, 10],
    ["failover", 512, 30],
    ["routes", 512, 30],
    ["admin", 512, 29],
  ])("%s runs on arm64 and the newest Node with a role and a log of its own", (name, memory, timeoutS) => {
    const fn = resource(`${logicalOf(name)}LambdaFunction`);

    expect(fn.Properties).toMatchObject({
      FunctionName: `pointsman-prod-${name}`,
      Handler: `functions/${name}/aws.handler`,
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      MemorySize: memory,
      Timeout: timeoutS,
      Role: { "Fn::Sub": `\${${logicalOf(name)}Role.Arn}` },
      LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "WARN", SystemLogLevel: "WARN" },
    });
    expect(fn["DependsOn"]).toEqual([`${logicalOf(name)}LogGroup`]);
    expect(resource(`${logicalOf(name)}LogGroup`).Properties).toEqual({
      LogGroupName: `/aws/lambda/pointsman-prod-${name}`,
      RetentionInDays: 30,
    });
  });

  it.each(functionNames)("%s is told names, never secrets", (name) => {
    const { Variables } = resource(`${logicalOf(name)}LambdaFunction`).Properties["Environment"] as {
      readonly Variables: Record<string, unknown>;
    };

    expect(Variables).toEqual({
      POINTSMAN_TABLE: "pointsman-prod",
      POINTSMAN_SWAP_QUEUE_URL: { Ref: "SwapQueue" },
      POINTSMAN_TICK_QUEUE_URL: { Ref: "TickQueue" },
      POINTSMAN_MASTER_KEY_PARAMETER: "/pointsman/prod/master-key",
      POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: "/pointsman/prod/admin-token-hash",
      ...(name === "admin" ? { POINTSMAN_ENDPOINTS: usual.template.Outputs["HeartbeatHost"]?.Value } : {}),
    });
  });

  it("take no reserved concurrency unless told to, since a new account has none to give", () => {
    const reserved = (packaged: Packaged) =>
      functionNames.map(
        (name) => resource(`${logicalOf(name)}LambdaFunction`, packaged).Properties["ReservedConcurrentExecutions"],
      );

    expect(reserved(usual)).toEqual([undefined, undefined, undefined, undefined]);
    expect(reserved(full)).toEqual([50, 5, 20, 2]);
  });

  it("a failed sweep is not repeated late", () => {
    expect(resource("FailoverLambdaEvConf").Properties).toMatchObject({
      FunctionName: { Ref: "FailoverLambdaFunction" },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });
});

describe("the endpoints as function URLs", () => {
  it.each(["Heartbeat", "Admin"])("%s has a URL that everybody may call, by both permissions", (name) => {
    expect(resource(`${name}LambdaFunctionUrl`).Properties).toEqual({
      AuthType: "NONE",
      TargetFunctionArn: arnOf(`${name}LambdaFunction`),
    });
    expect(resource(`${name}LambdaPermissionFnUrl`)).toMatchObject({
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: arnOf(`${name}LambdaFunction`),
        Action: "lambda:InvokeFunctionUrl",
        Principal: "*",
        FunctionUrlAuthType: "NONE",
      },
    });
    expect(resource(`${name}LambdaPermissionFn`)).toMatchObject({
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: arnOf(`${name}LambdaFunction`),
        Action: "lambda:InvokeFunction",
        Principal: "*",
        InvokedViaFunctionUrl: true,
      },
    });
  });

  it("are the only way in from outside", () => {
    const open = ofType("AWS::Lambda::Permission").filter((id) => resource(id).Properties["Principal"] === "*");

    expect(open).toEqual([
      "AdminLambdaPermissionFn",
      "AdminLambdaPermissionFnUrl",
      "HeartbeatLambdaPermissionFn",
      "HeartbeatLambdaPermissionFnUrl",
    ]);
    expect(ofType("AWS::ApiGatewayV2::Api")).toEqual([]);
  });
});

describe("the endpoints behind a domain", () => {
  it("are one HTTP API with the heartbeat at the root path and the admin API beside it", () => {
    const routes = ofType("AWS::ApiGatewayV2::Route", full).map((id) => resource(id, full).Properties["RouteKey"]);

    expect(routes.sort()).toEqual(["ANY /admin/v1/{proxy+}", "DELETE /link/state", "PUT /link/state"]);
    expect(resource("HttpApi", full).Properties).toMatchObject({
      ProtocolType: "HTTP",
      DisableExecuteApiEndpoint: true,
    });
    expect(ofType("AWS::Lambda::Url", full)).toEqual([]);
  });

  it("have certificate, mapping without a path, and a DNS record in the hosted zone", () => {
    expect(resource("Domain", full).Properties).toMatchObject({
      DomainName: "pointsman.example.com",
      DomainNameConfigurations: [{ EndpointType: "REGIONAL", SecurityPolicy: "TLS_1_2" }],
    });
    expect(resource("DomainMapping", full).Properties).toEqual({
      ApiId: { Ref: "HttpApi" },
      DomainName: { Ref: "Domain" },
      Stage: "$default",
    });
    expect(resource("DomainRecord", full)).toMatchObject({
      Condition: "HasHostedZone",
      Properties: { HostedZoneId: "Z0123456789ABCDEFGHIJ", Name: "pointsman.example.com", Type: "A" },
    });
  });

  it("leave the function URLs in place while hosts are moved over, and stand in new URIs", () => {
    expect(ofType("AWS::Lambda::Url", moving)).toEqual(["AdminLambdaFunctionUrl", "HeartbeatLambdaFunctionUrl"]);
    expect(ofType("AWS::ApiGatewayV2::Route", moving)).toHaveLength(3);
    expect(resource("AdminLambdaFunction", moving).Properties["Environment"]).toMatchObject({
      Variables: { POINTSMAN_ENDPOINTS: "pointsman.example.com,pointsman-acme.azurewebsites.net" },
    });
  });

  it("stand in the outputs and in the URIs of hosts", () => {
    const { Outputs } = full.template;
    const environment = resource("AdminLambdaFunction", full).Properties["Environment"];

    expect(Outputs["HeartbeatUrl"]?.Value).toBe("https://pointsman.example.com/link/state");
    expect(Outputs["AdminUrl"]?.Value).toBe("https://pointsman.example.com/");
    expect(environment).toMatchObject({
      Variables: { POINTSMAN_ENDPOINTS: "pointsman.example.com,pointsman-acme.azurewebsites.net" },
    });
  });
});

describe("schedule and queues", () => {
  it("the failover function alone runs on a schedule, once a minute", () => {
    expect(ofType("AWS::Events::Rule")).toEqual(["FailoverEventsRuleSchedule1"]);
    expect(resource("FailoverEventsRuleSchedule1").Properties).toMatchObject({
      ScheduleExpression: "rate(1 minute)",
      State: "ENABLED",
      Targets: [{ Arn: arnOf("FailoverLambdaFunction"), Input: '{"scheduled":"sweep"}' }],
    });
    expect(resource("FailoverLambdaPermissionEventsRuleSchedule1").Properties).toMatchObject({
      Principal: "events.amazonaws.com",
      SourceArn: arnOf("FailoverEventsRuleSchedule1"),
    });
  });

  it("the tick queue is a standard one", () => {
    expect(resource("TickQueue").Properties).toEqual({
      QueueName: "pointsman-prod-ticks",
      VisibilityTimeout: 36,
      MessageRetentionPeriod: 3_600,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: arnOf("TickDeadLetters"), maxReceiveCount: 3 },
    });
    expect(resource("TickDeadLetters").Properties).toMatchObject({ MessageRetentionPeriod: 1_209_600 });
  });

  it("the swap queue is FIFO, as its dead-letter queue is", () => {
    expect(resource("SwapQueue").Properties).toEqual({
      QueueName: "pointsman-prod-swaps.fifo",
      FifoQueue: true,
      ContentBasedDeduplication: false,
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
      VisibilityTimeout: 36,
      MessageRetentionPeriod: 3_600,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: arnOf("SwapDeadLetters"), maxReceiveCount: 3 },
    });
    expect(resource("SwapDeadLetters").Properties).toMatchObject({
      QueueName: "pointsman-prod-swaps-dead.fifo",
      FifoQueue: true,
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it.each([
    ["Failover", "TickQueue"],
    ["Routes", "SwapQueue"],
  ])("a message that %s works on stays hidden a little longer than the function may run", (fn, queue) => {
    const timeoutS = Number(resource(`${fn}LambdaFunction`).Properties["Timeout"]);
    const hiddenS = Number(resource(queue).Properties["VisibilityTimeout"]);

    expect(hiddenS - timeoutS).toBeGreaterThanOrEqual(3);
    expect(hiddenS - timeoutS).toBeLessThanOrEqual(10);
  });

  it("swaps come one by one, ticks up to ten at a time, each with bounded concurrency", () => {
    expect(resource("RoutesEventSourceMappingSQSSwapQueue").Properties).toEqual({
      BatchSize: 1,
      EventSourceArn: arnOf("SwapQueue"),
      FunctionName: arnOf("RoutesLambdaFunction"),
      Enabled: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
    expect(resource("FailoverEventSourceMappingSQSTickQueue").Properties).toEqual({
      BatchSize: 10,
      EventSourceArn: arnOf("TickQueue"),
      FunctionName: arnOf("FailoverLambdaFunction"),
      Enabled: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
    const bound = (id: string) => resource(id, full).Properties["ScalingConfig"];
    expect(bound("RoutesEventSourceMappingSQSSwapQueue")).toEqual({ MaximumConcurrency: 20 });
    expect(bound("FailoverEventSourceMappingSQSTickQueue")).toEqual({ MaximumConcurrency: 3 });
  });
});

describe("the roles", () => {
  it("are one for each function, and no other", () => {
    expect(ofType("AWS::IAM::Role")).toEqual(functionNames.map((name) => `${logicalOf(name)}Role`).sort());
    expect(ofType("AWS::IAM::Policy")).toEqual([]);
  });

  it.each(functionNames)("let %s do exactly this", (name) => {
    expect(resource(`${logicalOf(name)}Role`).Properties).toEqual({
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      },
      Policies: [{ PolicyName: name, PolicyDocument: { Version: "2012-10-17", Statement: expectedStatements[name] } }],
    });
  });

  it("name every resource but those of the Describe calls, which know none", () => {
    const all = Object.values(expectedStatements).flat();
    const everything = all.filter((statement) => "Resource" in statement && statement.Resource === "*");

    expect(everything.map((statement) => "Sid" in statement && statement.Sid)).toEqual(["SeeNetworks"]);
  });

  it("let routes be removed, and other accounts and clouds be entered, only when that is set", () => {
    expect(usual.parameters).toMatchObject({
      RemoveRoutes: "false",
      PrefixLists: "false",
      AssumeRoles: "",
      Regions: "",
      CloudSecrets: "",
      TokenAudiences: "",
    });
    expect(full.parameters).toMatchObject({
      RemoveRoutes: "true",
      PrefixLists: "true",
      AssumeRoles: "arn:aws:iam::111111111111:role/routes,arn:aws:iam::222222222222:role/routes",
      Regions: "us-east-1,eu-west-1",
      CloudSecrets: "arn:aws:secretsmanager:us-east-1:123456789012:secret:pointsman/hetzner-AbCdEf",
      TokenAudiences: "api://AzureADTokenExchange",
    });
    expect(JSON.stringify(resource("RoutesRole", full))).toContain('"aws:ResourceTag/pointsman:routes":"backbone"');
    expect(JSON.stringify(resource("HeartbeatRole", full))).toContain("alias/pointsman");
  });
});

describe("the alarms", () => {
  it("are these, and all tell the topic, both when it begins and when it is over", () => {
    const alarms = ofType("AWS::CloudWatch::Alarm");

    expect(alarms).toEqual(
      [
        "AdminErrors",
        "DecisionNotConfirmed",
        "FailoverErrors",
        "HeartbeatErrors",
        "RoutesErrors",
        "SwapDeadLettersSeen",
        "SweepMissing",
        "TickDeadLettersSeen",
      ].sort(),
    );
    for (const id of alarms) {
      expect(resource(id).Properties).toMatchObject({
        AlarmActions: [{ Ref: "AlarmTopic" }],
        OKActions: [{ Ref: "AlarmTopic" }],
        AlarmDescription: expect.stringMatching(/\.$/),
      });
    }
  });

  it("a sweep is missing when no data comes either", () => {
    expect(resource("SweepMissing").Properties).toMatchObject({
      Namespace: "AWS/Lambda",
      MetricName: "Invocations",
      Dimensions: [{ Name: "FunctionName", Value: "pointsman-prod-failover" }],
      ComparisonOperator: "LessThanThreshold",
      Threshold: 1,
      TreatMissingData: "breaching",
    });
  });

  it.each([
    ["Tick", "TickDeadLetters"],
    ["Swap", "SwapDeadLetters"],
  ])("one dead %s message is enough", (name, queue) => {
    expect(resource(`${name}DeadLettersSeen`).Properties).toMatchObject({
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [queue, "QueueName"] } }],
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 0,
      EvaluationPeriods: 1,
    });
  });

  it.each(functionNames)("errors of %s are failures, refusals and logged errors together", (name) => {
    const { Metrics, TreatMissingData } = resource(`${logicalOf(name)}Errors`).Properties as {
      readonly Metrics: readonly { readonly MetricStat?: { readonly Metric: unknown } }[];
      readonly TreatMissingData: string;
    };
    const dimensions = [{ Name: "FunctionName", Value: `pointsman-prod-${name}` }];

    expect(Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])).toEqual([
      { Namespace: "AWS/Lambda", MetricName: "Errors", Dimensions: dimensions },
      { Namespace: "AWS/Lambda", MetricName: "Throttles", Dimensions: dimensions },
      { Namespace: "pointsman-prod", MetricName: `${name}-error-lines` },
    ]);
    expect(TreatMissingData).toBe("notBreaching");
    expect(resource(`${logicalOf(name)}ErrorLines`).Properties).toMatchObject({
      LogGroupName: { Ref: `${logicalOf(name)}LogGroup` },
      FilterPattern: '{ $.level = "ERROR" }',
    });
  });

  it("a decision that is not confirmed is found by the line that the failover function logs", async () => {
    expect(resource("DecisionNotConfirmedLines").Properties).toEqual({
      LogGroupName: { Ref: "FailoverLogGroup" },
      FilterPattern: '{ $.message = "decision not confirmed" }',
      MetricTransformations: [
        { MetricNamespace: "pointsman-prod", MetricName: "decisions-not-confirmed", MetricValue: "1" },
      ],
    });
    expect(resource("DecisionNotConfirmed").Properties).toMatchObject({
      Namespace: "pointsman-prod",
      MetricName: "decisions-not-confirmed",
      Threshold: 1,
      TreatMissingData: "notBreaching",
    });
    const files = [...(usual.bundles.get("failover") ?? new Map<string, Buffer>()).values()];
    expect(files.some((file) => file.includes("decision not confirmed"))).toBe(true);
  });

  it("go to an address by e-mail when one is given", () => {
    expect(resource("AlarmSubscription")).toMatchObject({
      Condition: "HasAlarmEmail",
      Properties: { TopicArn: { Ref: "AlarmTopic" }, Protocol: "email", Endpoint: { Ref: "AlarmEmail" } },
    });
    expect([usual.parameters["AlarmEmail"], full.parameters["AlarmEmail"]]).toEqual(["", "ops@example.com"]);
  });
});

describe("the settings", () => {
  it("stand in the example with the values that they have without it", async () => {
    const example = parse(await readFile(join(root, "deploy", "aws", "settings.example.yml"), "utf8"));
    const { params } = parse(await readFile(join(root, "serverless.yml"), "utf8"));
    const defaults = Object.entries<string>(params.default).map(([key, text]) => {
      const [, path, value] = /^\$\{file\(pointsman\.aws\.yml\):(\w+), (.*)\}$/.exec(text) ?? [];
      expect(path).toBe(key);
      return [key, value === "null" ? undefined : parse(value ?? "")];
    });

    expect(Object.fromEntries(defaults)).toEqual(example);
  });
});

describe("the outputs", () => {
  it("say where everything is", () => {
    expect(Object.keys(usual.template.Outputs)).toEqual(
      expect.arrayContaining([
        "HeartbeatHost",
        "HeartbeatUrl",
        "AdminUrl",
        "TableName",
        "SwapQueueUrl",
        "TickQueueUrl",
        "AlarmTopicArn",
        "ParameterPrefix",
        "RoutesRoleArn",
      ]),
    );
  });
});
