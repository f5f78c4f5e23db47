import { describe, expect, it } from "vitest";
import { RouteError } from "../../../shared/domain/errors.ts";
import { type Call, routeError, translate } from "../../../shared/providers/oci/errors.ts";
import { OciFailure } from "../../../shared/providers/oci/failure.ts";

const call: Call = {
  operation: "UpdateRouteTable",
  region: "us-phoenix-1",
  about: "10.9.0.0/16 in ocid1.routetable.oc1.phx.t",
  absent: "DENIED",
};
const answered = (status: number, code: string, message = "no") =>
  translate(new OciFailure(status, code, message), call);
const network = (code: string) =>
  translate(new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) }), call);

describe("errors of OCI in our words", () => {
  it.each([
    [400, "CannotParseRequest", "INVALID", "never"],
    [400, "InvalidParameter", "INVALID", "never"],
    [400, "LimitExceeded", "QUOTA", "later"],
    [400, "QuotaExceeded", "QUOTA", "later"],
    [401, "NotAuthenticated", "DENIED", "later"],
    [403, "NotAuthorized", "DENIED", "later"],
    [404, "NotAuthorizedOrNotFound", "DENIED", "later"],
    [409, "IncorrectState", "LOCKED", "soon"],
    [412, "NoEtagMatch", "LOCKED", "soon"],
    [429, "TooManyRequests", "THROTTLED", "soon"],
    [500, "InternalServerError", "CLOUD_FAULT", "soon"],
    [502, "", "CLOUD_FAULT", "soon"],
    [503, "ServiceUnavailable", "CLOUD_FAULT", "soon"],
    [418, "Teapot", "UNKNOWN", "later"],
  ])("takes %d %s for %s", (status, code, meaning, retry) => {
    expect(answered(status, code)).toMatchObject({ code: meaning, retry });
  });

  it.each([
    [
      "PrivateIP {x} is an invalid route target. {The Private IP is attached to a VNIC whose SRC/DST check is enabled.}.",
      "TARGET_NOT_ALLOWED",
    ],
    ["The requested networkEntityId x is invalid: Invalid entity type in Id x", "TARGET_MISSING"],
  ])("reads what an invalid parameter is: %s", (message, meaning) => {
    expect(answered(400, "InvalidParameter", message).code).toBe(meaning);
  });

  it.each([
    ["ECONNRESET", "TIMED_OUT"],
    ["UND_ERR_SOCKET", "TIMED_OUT"],
    ["ECONNREFUSED", "UNREACHABLE"],
    ["ENOTFOUND", "UNREACHABLE"],
  ])("takes %s on the way for %s", (code, meaning) => {
    expect(network(code)).toMatchObject({
      code: meaning,
      retry: "soon",
      message: expect.stringContaining("fetch failed: x"),
    });
  });

  it("names cloud, call, place and region, and hides what could be a secret", () => {
    const { message } = answered(400, "InvalidParameter", "signature=abcdef1234567890");

    expect(message).toContain("oci: UpdateRouteTable for 10.9.0.0/16 in ocid1.routetable.oc1.phx.t (us-phoenix-1)");
    expect(message).not.toContain("abcdef1234567890");
  });

  it("keeps an error of ours as it is, and the cause of another", () => {
    const own = routeError("LOCKED", call, "busy");

    expect(translate(own, call)).toBe(own);
    expect(translate("text", call)).toMatchObject({ code: "UNKNOWN", cause: "text" });
    expect(own).toBeInstanceOf(RouteError);
  });
});
