import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod/mini";
import { cloudShape } from "../../serve/cloud-shape.ts";
import { tableShape } from "../../serve/database/table.ts";

const Queue = z.object({
  Properties: z.object({
    VisibilityTimeout: z.number(),
    RedrivePolicy: z.object({ maxReceiveCount: z.number() }),
  }),
});
const Queues = z.object({ Resources: z.object({ TickQueue: Queue, SwapQueue: Queue }) });
const Table = z.object({
  Resources: z.object({
    Table: z.object({
      Properties: z.object({ BillingMode: z.string(), AttributeDefinitions: z.unknown(), KeySchema: z.unknown() }),
    }),
  }),
});
const Service = z.object({
  functions: z.object({ failover: z.object({ timeout: z.number() }), routes: z.object({ timeout: z.number() }) }),
  params: z.object({ default: z.object({ maximumTicks: z.string(), maximumSwaps: z.string() }) }),
});

const read = async (path: string): Promise<unknown> => parse(await readFile(path, "utf8"));

describe("what runs on this machine and what is deployed", () => {
  it("have queues that behave the same", async () => {
    const { TickQueue, SwapQueue } = Queues.parse(await read("deploy/aws/queues.yml")).Resources;
    const { functions, params } = Service.parse(await read("serverless.yml"));

    for (const { Properties } of [TickQueue, SwapQueue]) {
      expect(Properties.VisibilityTimeout * 1000).toBe(cloudShape.queue.visibilityMs);
      expect(Properties.RedrivePolicy.maxReceiveCount).toBe(cloudShape.queue.maxReceives);
    }
    for (const { timeout } of [functions.failover, functions.routes]) {
      expect(timeout * 1000).toBe(cloudShape.queue.functionMs);
    }
    expect(params.default.maximumTicks).toContain(`maximumTicks, ${cloudShape.concurrency.ticks}}`);
    expect(params.default.maximumSwaps).toContain(`maximumSwaps, ${cloudShape.concurrency.swaps}}`);
  });

  it("have the same table", async () => {
    const { Properties } = Table.parse(await read("deploy/aws/table.yml")).Resources.Table;

    expect(Properties.BillingMode).toBe(tableShape.BillingMode);
    expect(Properties.AttributeDefinitions).toEqual(tableShape.AttributeDefinitions);
    expect(Properties.KeySchema).toEqual(tableShape.KeySchema);
  });
});
