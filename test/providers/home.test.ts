import { describe, expect, it } from "vitest";
import type { GcpCloud } from "../../shared/domain/clouds/gcp.ts";
import { entered } from "../../shared/providers/registry.ts";

const cloud: GcpCloud = {
  provider: "gcp",
  project: "acme-network",
  network: "vpc-main",
  priority: 900,
  routeTables: { by: "network" },
  identity: { audience: "//iam.googleapis.com/x", serviceAccount: "pointsman@acme-network.iam.gserviceaccount.com" },
};

describe("the identity that a location is entered with", () => {
  it("is the one that it names, from AWS and from another cloud", () => {
    expect(entered(cloud, {})).toEqual(cloud);
    expect(entered(cloud, { home: "azure" })).toEqual(cloud);
  });

  it("is that of the function itself in the location's own cloud", () => {
    const { identity: _fromAws, ...rest } = cloud;

    expect(entered(cloud, { home: "gcp" })).toEqual(rest);
  });
});
