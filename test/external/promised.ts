import { expectedStatements } from "../expected-roles.ts";
import type { LookedUp } from "./deployed.ts";

const account = "123456789012";
const region = "us-east-1";

/** The statements of every role as test/expected-roles.ts has them of the template, with all that a deployment resolves. */
export function promisedStatements(stage: string, fn: keyof typeof expectedStatements): readonly unknown[] {
  const name = `pointsman-${stage}`;
  const queues = { TickQueue: `${name}-ticks`, SwapQueue: `${name}-swaps.fifo` } as const;
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve).filter((one) => one !== undefined);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [kind, argument] = entries[0] ?? [];
    switch (kind) {
      case "Fn::Sub":
        return resolvedText(String(argument), stage);
      case "Fn::GetAtt":
        return `arn:aws:sqs:${region}:${account}:${queues[(argument as readonly [keyof typeof queues])[0]]}`;
      // With the settings as they are, none of the conditions holds.
      case "Fn::If":
        return resolve((argument as readonly unknown[])[2]);
      case "Ref":
        return argument === "AWS::Region" ? region : undefined;
      default:
        return Object.fromEntries(entries.map(([key, one]) => [key, resolve(one)]));
    }
  };
  return resolve(expectedStatements[fn]) as readonly unknown[];
}

function resolvedText(text: string, stage: string): string {
  return text
    .replaceAll("$" + "{AWS::Partition}", "aws")
    .replaceAll("$" + "{AWS::Region}", region)
    .replaceAll("$" + "{AWS::AccountId}", account)
    .replaceAll("pointsman-prod", `pointsman-${stage}`)
    .replaceAll("/pointsman/prod", `/pointsman/${stage}`);
}

/** Attributes of the queues, beside those that AWS counts and dates. */
export function promisedQueues(name: string) {
  const deadLetters = (queue: string) => ({
    deadLetterTargetArn: `arn:aws:sqs:${region}:${account}:${name}-${queue}`,
    maxReceiveCount: 3,
  });
  const working = { VisibilityTimeout: "36", MessageRetentionPeriod: "3600", SqsManagedSseEnabled: "true" };
  const dead = { MessageRetentionPeriod: "1209600", SqsManagedSseEnabled: "true" };
  return {
    ticks: { ...working, RedrivePolicy: deadLetters("ticks-dead") },
    "ticks-dead": dead,
    "swaps.fifo": {
      ...working,
      FifoQueue: "true",
      ContentBasedDeduplication: "false",
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
      RedrivePolicy: deadLetters("swaps-dead.fifo"),
    },
    "swaps-dead.fifo": { ...dead, FifoQueue: "true" },
  };
}

/** Attributes of a queue, its redrive policy read. */
export function attributesOf(looked: LookedUp, queue: string) {
  const { RedrivePolicy, ...rest } = looked.queues.get(queue) ?? {};
  return RedrivePolicy === undefined ? rest : { ...rest, RedrivePolicy: JSON.parse(RedrivePolicy) as unknown };
}

/** What is looked up with everything left out that a second look, or a deployment of the same, may change. */
export function lasting(looked: LookedUp) {
  const { functions, queues, mappings, urls, policies, roles, trusts, schedule, table } = looked;
  const each = <T, U>(map: ReadonlyMap<string, T>, take: (one: T) => U) =>
    Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, take(one)]));
  return {
    functions: each(functions, ({ LastModified, CodeSha256, CodeSize, RevisionId, ...rest }) => rest),
    queues: each(queues, (attributes) =>
      Object.fromEntries(Object.entries(attributes).filter(([key]) => !/^Approximate|Timestamp$/.test(key))),
    ),
    mappings: each(mappings, ({ LastModified, ...rest }) => rest),
    urls: each(urls, ({ $metadata, LastModifiedTime, ...rest }) => rest),
    policies: each(policies, (statements) => statements.map(({ Sid, ...rest }) => rest)),
    roles: each(roles, (statements) => statements),
    trusts: each(trusts, (trust) => trust),
    schedule,
    table,
  };
}
