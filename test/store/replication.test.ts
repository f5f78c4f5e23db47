import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { readReplication, replicationOf } from "../../shared/store/replication.ts";

const eu = [
  { RegionName: "eu-west-1", ReplicaStatus: "ACTIVE" },
  { RegionName: "eu-central-1", ReplicaStatus: "ACTIVE" },
] as const;
const regions = ["eu-central-1", "eu-west-1"];

describe("how a table is replicated", () => {
  it.each([
    ["a table of one region", {}, { kind: "one-region" }],
    ["a table whose replicas are gone", { Replicas: [] }, { kind: "one-region" }],
    ["replicas without a word on consistency", { Replicas: [...eu] }, { kind: "eventual", regions }],
    [
      "replicas with eventual consistency",
      { Replicas: [...eu], MultiRegionConsistency: "EVENTUAL" as const },
      { kind: "eventual", regions },
    ],
    [
      "replicas with strong consistency",
      { Replicas: [...eu], MultiRegionConsistency: "STRONG" as const },
      { kind: "strong", regions },
    ],
    [
      "a replica and a witness with strong consistency",
      {
        Replicas: [eu[0]],
        GlobalTableWitnesses: [{ RegionName: "eu-west-3", WitnessStatus: "ACTIVE" as const }],
        MultiRegionConsistency: "STRONG" as const,
      },
      { kind: "strong", regions: ["eu-west-1", "eu-west-3"] },
    ],
    [
      "a replica that is still being made",
      { Replicas: [{ RegionName: "eu-west-1", ReplicaStatus: "CREATING" as const }] },
      { kind: "eventual", regions: ["eu-west-1"] },
    ],
    [
      "a replica on its way out",
      { Replicas: [{ RegionName: "eu-west-1", ReplicaStatus: "DELETING" as const }] },
      { kind: "eventual", regions: ["eu-west-1"] },
    ],
    [
      "a global table of the old version, which lists no replicas",
      { GlobalTableVersion: "2017.11.29" },
      { kind: "eventual", regions: [] },
    ],
    [
      "a mode that this release does not know",
      { Replicas: [...eu], MultiRegionConsistency: "ODD" as "STRONG" },
      { kind: "eventual", regions },
    ],
  ])("%s", (_name, description, expected) => {
    expect(replicationOf(description)).toEqual(expected);
  });
});

describe("asking for it", () => {
  const answering = (answer: () => Promise<object>) => {
    const asked: { readonly input: object; readonly hasEnd: boolean }[] = [];
    const send = (command: { readonly input: object }, options?: { readonly abortSignal?: AbortSignal }) => {
      asked.push({ input: command.input, hasEnd: options?.abortSignal !== undefined });
      return answer();
    };
    return { client: { send } as unknown as Pick<DynamoDBClient, "send">, asked };
  };

  it("describes the one table, with an end to the wait", async () => {
    const { client, asked } = answering(async () => ({ Table: { Replicas: [...eu] } }));

    expect(await readReplication(client, "pointsman-prod")).toEqual({ kind: "eventual", regions });
    expect(asked).toEqual([{ input: { TableName: "pointsman-prod" }, hasEnd: true }]);
  });

  it.each([
    ["a right that is missing", Object.assign(new Error("not authorized"), { name: "AccessDeniedException" })],
    ["a call that is not answered", Object.assign(new Error("Request aborted"), { name: "AbortError" })],
  ])("is not known after %s, and says why", async (_name, error) => {
    const { client } = answering(() => Promise.reject(error));

    expect(await readReplication(client, "t")).toEqual({ kind: "unknown", why: `${error.name}: ${error.message}` });
  });

  it("is not known where the answer is empty", async () => {
    const { client } = answering(async () => ({}));

    expect((await readReplication(client, "t")).kind).toBe("unknown");
  });
});
