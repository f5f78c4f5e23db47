import { describe, expect, it } from "vitest";
import { readGoogleConfig } from "../../shared/compose/google-config.ts";

const environment = {
  AWS_REGION: "eu-west-1",
  POINTSMAN_TABLE: "pointsman-prod",
  POINTSMAN_MASTER_KEY_PARAMETER: "/p/master-key",
  POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: "/p/admin-token-hash",
  POINTSMAN_AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/pointsman-prod-gcp-routes",
  POINTSMAN_AWS_AUDIENCE: "pointsman",
  POINTSMAN_TASKS_PROJECT: "acme",
  POINTSMAN_TASKS_LOCATION: "europe-west1",
  POINTSMAN_TASKS_ACCOUNT: "tasks@acme.iam.gserviceaccount.com",
  POINTSMAN_FAILOVER_URL: "https://ticks.example.com",
  POINTSMAN_ROUTES_URL: "https://routes.example.com",
};

describe("the environment of a function on Google Cloud", () => {
  it("is read into names that say what they are", () => {
    expect(readGoogleConfig(environment)).toMatchObject({
      region: "eu-west-1",
      roleArn: "arn:aws:iam::123456789012:role/pointsman-prod-gcp-routes",
      audience: "pointsman",
      metadataHost: undefined,
      cloudEndpoints: {},
      tasks: {
        endpoint: "https://cloudtasks.googleapis.com",
        queues: "projects/acme/locations/europe-west1/queues/",
        account: "tasks@acme.iam.gserviceaccount.com",
        ticksUrl: "https://ticks.example.com",
        routesUrl: "https://routes.example.com",
      },
    });
  });

  it("may name stand-ins and private addresses", () => {
    const found = readGoogleConfig({
      ...environment,
      GCE_METADATA_HOST: "127.0.0.1:8080",
      POINTSMAN_TASKS_ENDPOINT: "http://127.0.0.1:8081",
      POINTSMAN_CLOUD_ENDPOINTS: "gcp=https://compute-acme.p.googleapis.com,azure=https://arm.example.com/?a=b",
    });

    expect(found.metadataHost).toBe("127.0.0.1:8080");
    expect(found.tasks.endpoint).toBe("http://127.0.0.1:8081");
    expect(found.cloudEndpoints).toEqual({
      gcp: "https://compute-acme.p.googleapis.com",
      azure: "https://arm.example.com/?a=b",
    });
  });

  it("is refused whole with every variable that is missing or wrong, and no value", () => {
    const read = () =>
      readGoogleConfig({
        ...environment,
        POINTSMAN_AWS_ROLE_ARN: "t0ps3cret",
        POINTSMAN_AWS_AUDIENCE: "",
        POINTSMAN_TASKS_ACCOUNT: "default",
        POINTSMAN_ROUTES_URL: undefined,
        POINTSMAN_CLOUD_ENDPOINTS: "mars=https://x",
      });

    for (const name of ["AWS_ROLE_ARN", "AWS_AUDIENCE", "TASKS_ACCOUNT", "ROUTES_URL", "CLOUD_ENDPOINTS"]) {
      expect(read).toThrow(`POINTSMAN_${name}`);
    }
    expect(read).not.toThrow("t0ps3cret");
  });
});
