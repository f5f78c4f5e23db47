import { describe, expect, it } from "vitest";
import { readAzureConfig } from "../../shared/compose/azure-config.ts";

const environment = {
  AWS_REGION: "eu-west-1",
  POINTSMAN_TABLE: "pointsman-prod",
  POINTSMAN_MASTER_KEY_PARAMETER: "/p/master-key",
  POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: "/p/admin-token-hash",
  POINTSMAN_AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/pointsman-azure",
  POINTSMAN_AWS_AUDIENCE: "api://pointsman",
  POINTSMAN_QUEUE_URL: "https://pointsman.queue.core.windows.net/",
  IDENTITY_ENDPOINT: "http://127.0.0.1:41000/msi/token",
  IDENTITY_HEADER: "proof",
};

describe("the environment of a function on Azure", () => {
  it("is read into names that say what they are", () => {
    expect(
      readAzureConfig({
        ...environment,
        POINTSMAN_ENDPOINTS: "a.azurewebsites.net",
        POINTSMAN_CLOUD_ENDPOINTS: "gcp=https://gcp.example.net",
      }),
    ).toEqual({
      region: "eu-west-1",
      ssmEndpoint: undefined,
      tableName: "pointsman-prod",
      parameters: { masterKey: "/p/master-key", adminTokenHash: "/p/admin-token-hash" },
      endpoints: ["a.azurewebsites.net"],
      roleArn: "arn:aws:iam::123456789012:role/pointsman-azure",
      audience: "api://pointsman",
      cloudEndpoints: { gcp: "https://gcp.example.net" },
      queueUrl: "https://pointsman.queue.core.windows.net/",
      identity: { endpoint: new URL("http://127.0.0.1:41000/msi/token"), header: "proof" },
    });
    expect(readAzureConfig({ ...environment, AZURE_CLIENT_ID: "c1" }).identity.clientId).toBe("c1");
  });

  it("is refused whole with every variable that is missing or wrong, and no value", () => {
    const read = () =>
      readAzureConfig({ ...environment, IDENTITY_ENDPOINT: undefined, POINTSMAN_QUEUE_URL: "t0ps3cret" });

    expect(read).toThrow(/POINTSMAN_QUEUE_URL.*IDENTITY_ENDPOINT/);
    expect(read).not.toThrow("t0ps3cret");
  });
});
