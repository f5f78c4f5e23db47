import { describe, expect, it } from "vitest";
import { readAwsConfig } from "../../shared/compose/config.ts";

const environment = {
  AWS_REGION: "eu-west-1",
  POINTSMAN_TABLE: "pointsman-prod",
  POINTSMAN_SWAP_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/1/swaps.fifo",
  POINTSMAN_TICK_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/1/ticks",
  POINTSMAN_MASTER_KEY_PARAMETER: "/p/master-key",
  POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: "/p/admin-token-hash",
};

describe("the environment of a function", () => {
  it("is read into names that say what they are", () => {
    const endpoints = "a.example.com, b.example.com:8443,";

    expect(readAwsConfig({ ...environment, POINTSMAN_ENDPOINTS: endpoints, PATH: "/bin" })).toEqual({
      region: "eu-west-1",
      ssmEndpoint: undefined,
      tableName: "pointsman-prod",
      swapQueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/swaps.fifo",
      tickQueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/ticks",
      parameters: { masterKey: "/p/master-key", adminTokenHash: "/p/admin-token-hash" },
      endpoints: ["a.example.com", "b.example.com:8443"],
    });
  });

  it("may name an emulator, for one service or for all", () => {
    const all = readAwsConfig({ ...environment, AWS_ENDPOINT_URL: "http://127.0.0.1:5000" });
    const one = readAwsConfig({
      ...environment,
      AWS_ENDPOINT_URL: "http://127.0.0.1:5000",
      AWS_ENDPOINT_URL_SSM: "http://127.0.0.1:5001",
    });

    expect(all.ssmEndpoint?.port).toBe("5000");
    expect(one.ssmEndpoint?.port).toBe("5001");
  });

  it("is refused whole with every variable that is missing or wrong, and no value", () => {
    const broken = {
      ...environment,
      AWS_REGION: "",
      POINTSMAN_TABLE: undefined,
      POINTSMAN_TICK_QUEUE_URL: "t0ps3cret",
    };

    const read = () => readAwsConfig(broken);

    expect(read).toThrow(/AWS_REGION.*POINTSMAN_TABLE.*POINTSMAN_TICK_QUEUE_URL/);
    expect(read).not.toThrow("t0ps3cret");
  });
});
