import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import type { Timeline } from "../engine/timeline.ts";
import type { Writer } from "../facts.ts";
import type { Weather } from "../faults/weather.ts";
import type { Process } from "../platform/process.ts";
import { type Item, lagMostMs, newest, type Table } from "./table.ts";

type Command = GetItemCommand | QueryCommand | PutItemCommand | DeleteItemCommand;
type Output = { readonly Item?: Item | undefined; readonly Items?: readonly Item[] };

/** The database of a world, as every process reaches it. `isDown`: nothing answers. */
export type DatabaseModel = {
  readonly table: Table;
  isDown: boolean;
  /** Told of every write that took effect. */
  readonly written: (pk: string, sk: string, item: Item | undefined, before: Item | undefined, writer: Writer) => void;
};

/** Request and answer, each way, ms. */
const halfMs = [1, 8] as const;
/** An attempt that is not answered is given up after this, and tried again, as `shared/compose/aws-calls.ts` has it. */
const attemptMs = 3_000;
const attempts = 3;
/** An eventually consistent read lags this much where nothing is wrong, ms. */
const usualLagMs = 50;

/**
 * A client for one process: the store's own adapter runs on it unchanged. It does what the SDK's client does: up to
 * three attempts, a time limit on each, a pause in between. An attempt may be refused, or have its effect and lose its answer.
 */
export function dynamoClient(
  model: DatabaseModel,
  process: Process,
  { timeline, weather }: { readonly timeline: Timeline; readonly weather: Weather },
): Pick<DynamoDBClient, "send"> {
  const { chance } = weather;

  const attempt = async (command: Command): Promise<Output> => {
    const what = command.constructor.name;
    await timeline.after(chance.within(...halfMs) + (weather.strikes("db-slow", what) ? chance.within(200, 2_500) : 0));
    if (model.isDown) {
      await timeline.after(attemptMs);
      throw named("TimeoutError", "no answer");
    }
    if (weather.strikes("db-throttle", what)) {
      await timeline.after(chance.within(...halfMs));
      throw named("ThrottlingException", "throttled");
    }
    const output = execute(command);
    if (isWrite(command) && weather.strikes("db-lost-answer", what)) {
      await timeline.after(attemptMs);
      throw named("TimeoutError", "no answer");
    }
    await timeline.after(chance.within(...halfMs));
    return output;
  };

  const execute = (command: Command): Output => {
    const nowMs = timeline.nowMs();
    const { table } = model;
    if (command instanceof GetItemCommand) {
      const { Key, ConsistentRead } = command.input;
      return { Item: table.get(text(Key?.["pk"]), text(Key?.["sk"]), asOf(ConsistentRead)) };
    }
    if (command instanceof QueryCommand) return { Items: query(table, command, asOf(command.input.ConsistentRead)) };
    const isPut = command instanceof PutItemCommand;
    const item = isPut ? command.input.Item : undefined;
    const key = isPut ? item : command.input.Key;
    const [pk, sk] = [text(key?.["pk"]), text(key?.["sk"])];
    const found = table.get(pk, sk, newest);
    if (!holds(command, found)) throw named("ConditionalCheckFailedException", "The conditional request failed");
    table.put(pk, sk, item, nowMs);
    model.written(pk, sk, item, found, process.writer);
    return {};
  };

  const asOf = (isConsistent: boolean | undefined): number => {
    if (isConsistent === true) return newest;
    const isLate = weather.strikes("db-stale", "read");
    return timeline.nowMs() - (isLate ? chance.within(500, lagMostMs) : chance.next() * usualLagMs);
  };

  const send = async (command: Command): Promise<Output> => {
    for (let number = 1; ; number++) {
      try {
        const output = await process.outward(command.constructor.name, () => attempt(command));
        await noteDate(command, timeline.nowMs());
        return output;
      } catch (error) {
        const isLast = number >= attempts || (error as Error).name === "ConditionalCheckFailedException";
        if (isLast) throw error;
        await process.clock.sleep(50 * 2 ** number * chance.next());
      }
    }
  };
  return { send: send as unknown as DynamoDBClient["send"] };
}

function isWrite(command: Command): boolean {
  return command instanceof PutItemCommand || command instanceof DeleteItemCommand;
}

/** Whether a write's condition holds, for the two conditions that the store writes. */
function holds(command: PutItemCommand | DeleteItemCommand, found: Item | undefined): boolean {
  const { ConditionExpression: condition, ExpressionAttributeValues: values } = command.input;
  switch (condition) {
    case "attribute_not_exists(pk) OR x <= :now":
      return found === undefined || (found["x"] !== undefined && number(found["x"]) <= number(values?.[":now"]));
    case "r = :revision":
      return found?.["r"]?.N === values?.[":revision"]?.N;
    default:
      throw new Error(`a condition that this model does not know: ${condition}`);
  }
}

function query(table: Table, { input }: QueryCommand, asOfMs: number): readonly Item[] {
  const values = input.ExpressionAttributeValues ?? {};
  const range = text(values[":range"]);
  const all = table.list(text(values[":pk"]), asOfMs);
  const matching = all.filter(matcher(input.KeyConditionExpression ?? "", range));
  if (input.ScanIndexForward === false) matching.reverse();
  return input.Limit === undefined ? matching : matching.slice(0, input.Limit);
}

function matcher(condition: string, range: string): (item: Item) => boolean {
  switch (condition) {
    case "pk = :pk":
      return () => true;
    case "pk = :pk AND begins_with(sk, :range)":
      return (item) => text(item["sk"]).startsWith(range);
    case "pk = :pk AND sk > :range":
      return (item) => text(item["sk"]) > range;
    default:
      throw new Error(`a query that this model does not know: ${condition}`);
  }
}

const text = (value: AttributeValue | undefined): string => value?.S ?? "";
const number = (value: AttributeValue | undefined): number => Number(value?.N ?? Number.NaN);

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

type Answering = (args: object) => Promise<object>;

let noted: { readonly second: number; readonly text: string } = { second: 0, text: "" };

/** Lets the command's own middleware see the answer's `Date` header. */
async function noteDate(command: Command, nowMs: number): Promise<void> {
  const second = Math.floor(nowMs / 1_000);
  if (noted.second !== second) noted = { second, text: new Date(second * 1_000).toUTCString() };
  const response = { headers: { date: noted.text } };
  const done = { response, output: { $metadata: {} } };
  const stack = command.middlewareStack as unknown as { resolve(handler: Answering, context: object): Answering };
  await stack.resolve(async () => done, {})({});
}
