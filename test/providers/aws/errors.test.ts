import { EC2ServiceException } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { RouteError, type RouteErrorCode } from "../../../shared/domain/errors.ts";
import { type Call, translate } from "../../../shared/providers/aws/errors.ts";

const call: Call = {
  action: "ec2:ReplaceRoute",
  region: "eu-central-1",
  about: "10.9.0.0/16 in rtb-1",
  resource: "route-table/rtb-1",
};

function serviceError(name: string, message = "", httpStatusCode = 400): EC2ServiceException {
  return new EC2ServiceException({ name, message, $fault: "client", $metadata: { httpStatusCode } });
}

const service: readonly [code: string, message: string, meaning: RouteErrorCode, retry: string][] = [
  ["RequestLimitExceeded", "Request limit exceeded.", "THROTTLED", "soon"],
  ["Throttling", "Rate exceeded", "THROTTLED", "soon"],
  ["IncorrectState", "", "LOCKED", "soon"],
  ["InternalError", "", "CLOUD_FAULT", "soon"],
  ["Unavailable", "", "CLOUD_FAULT", "soon"],
  ["UnauthorizedOperation", "You are not authorized", "DENIED", "later"],
  ["AuthFailure", "", "DENIED", "later"],
  ["AccessDenied", "", "DENIED", "later"],
  ["ExpiredToken", "", "DENIED", "later"],
  ["InvalidRouteTableID.NotFound", "", "TABLE_MISSING", "later"],
  ["InvalidRouteTableId.NotFound", "", "TABLE_MISSING", "later"],
  ["InvalidNetworkInterfaceID.NotFound", "", "TARGET_MISSING", "later"],
  ["InvalidInstanceID.NotFound", "", "TARGET_MISSING", "later"],
  ["RouteAlreadyExists", "", "ROUTE_EXISTS", "soon"],
  ["InvalidRoute.NotFound", "", "ROUTE_MISSING", "soon"],
  ["InvalidParameterValue", "There is no route defined for '10.9.0.0/16' in the route table.", "ROUTE_MISSING", "soon"],
  [
    "InvalidParameterValue",
    "route table rtb-1 and network interface eni-1 belong to different networks",
    "TARGET_NOT_ALLOWED",
    "later",
  ],
  ["InvalidParameterValue", "Value (x) for parameter destinationCidrBlock is invalid", "INVALID", "never"],
  ["UnknownParameter", "", "INVALID", "never"],
  ["RouteLimitExceeded", "", "QUOTA", "later"],
  ["PrefixListMaxEntriesExceeded", "", "QUOTA", "later"],
  ["PrefixListLimitExceeded", "", "QUOTA", "later"],
  ["PrefixListVersionMismatch", "", "LOCKED", "soon"],
  ["ConcurrentMutationLimitExceeded", "", "LOCKED", "soon"],
  ["InvalidPrefixListModification", "", "ROUTE_EXISTS", "soon"],
  ["InvalidPrefixListID.NotFound", "", "ROUTE_MISSING", "soon"],
  ["SomethingNew", "", "UNKNOWN", "later"],
];

const network: readonly [code: string, meaning: RouteErrorCode][] = [
  ["ECONNREFUSED", "UNREACHABLE"],
  ["ENOTFOUND", "UNREACHABLE"],
  ["EAI_AGAIN", "UNREACHABLE"],
  ["ECONNRESET", "TIMED_OUT"],
  ["EPIPE", "TIMED_OUT"],
  ["ESTRANGE", "UNKNOWN"],
];

describe("what AWS's errors mean", () => {
  it.each(service)("%s (%s) is %s, to be tried again %s", (name, message, code, retry) => {
    const cause = serviceError(name, message);

    expect(translate(cause, call)).toMatchObject({ name: "RouteError", code, retry, cause });
  });

  it.each(network)("%s of the connection is %s", (code, meaning) => {
    expect(translate(Object.assign(new Error("socket"), { code }), call)).toMatchObject({ code: meaning });
  });

  it("takes an unknown code with a status of the server's fault for one, and 429 for throttling", () => {
    expect(translate(serviceError("Strange", "", 502), call)).toMatchObject({ code: "CLOUD_FAULT" });
    expect(translate(serviceError("Strange", "", 429), call)).toMatchObject({ code: "THROTTLED" });
  });

  it("names table, destination and region, and what to allow when a call is denied", () => {
    const encoded = `You are not authorized. Encoded authorization failure message: ${"x".repeat(3_000)}`;

    const error = translate(serviceError("UnauthorizedOperation", encoded, 403), call);

    expect(error.message).toBe(
      "aws: ec2:ReplaceRoute for 10.9.0.0/16 in rtb-1 (eu-central-1): You are not authorized.",
    );
    expect(error.next).toBe(
      "allow ec2:ReplaceRoute on route-table/rtb-1 to the role that the routes function uses in eu-central-1",
    );
  });

  it("says of a role that cannot be assumed what its trust policy lacks", () => {
    const arn = "arn:aws:iam::111111111111:role/pointsman";
    const assume = { action: "sts:AssumeRole", region: "eu-central-1", about: arn, resource: arn };

    expect(translate(serviceError("AccessDenied"), assume).next).toContain("external id");
  });

  it("has a next step for everything, passes on what is translated already, and takes whatever is thrown", () => {
    for (const [name, message] of service) expect(translate(serviceError(name, message), call).next).not.toBe("");
    const known = new RouteError("LOCKED", "locked", { retry: "soon", next: "wait" });
    expect(translate(known, call)).toBe(known);
    expect(translate("text", call)).toMatchObject({ code: "UNKNOWN", cause: "text" });
    expect(translate(undefined, call)).toMatchObject({ code: "UNKNOWN" });
  });
});
