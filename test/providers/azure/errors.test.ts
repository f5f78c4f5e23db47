import { describe, expect, it } from "vitest";
import { RouteError, type RouteErrorCode } from "../../../shared/domain/errors.ts";
import { retryAfterMs } from "../../../shared/providers/azure/error-codes.ts";
import { type Call, operationError, translate } from "../../../shared/providers/azure/errors.ts";

const call: Call = {
  action: "Microsoft.Network/routeTables/routes/write",
  about: "10.9.0.0/16 in /subscriptions/s/resourcegroups/g/providers/microsoft.network/routetables/rt-1",
  scope: "/subscriptions/s/resourcegroups/g/providers/microsoft.network/routetables/rt-1",
  missing: "TABLE_MISSING",
  caller: "application a1",
};

/** An error as the SDK throws it for an answer of Azure. */
function answered(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Error {
  const bodyAsText = typeof body === "string" ? body : JSON.stringify(body);
  const response = { status, bodyAsText, headers: new Headers(headers) };
  return Object.assign(new Error("said"), { name: "RestError", statusCode: status, response });
}

const coded = (status: number, code: string, message = "") => answered(status, { error: { code, message } });

const service: readonly [code: string, status: number, message: string, meaning: RouteErrorCode, retry: string][] = [
  ["SubscriptionRequestsThrottled", 429, "", "THROTTLED", "soon"],
  ["TooManyRequests", 429, "", "THROTTLED", "soon"],
  ["OperationGroupThrottled", 429, "", "THROTTLED", "soon"],
  ["SomethingNew", 429, "", "THROTTLED", "soon"],
  ["AnotherOperationInProgress", 429, "", "LOCKED", "soon"],
  ["Conflict", 409, "Another operation on this or dependent resource is in progress.", "LOCKED", "soon"],
  ["ReferencedResourceNotProvisioned", 409, "", "LOCKED", "soon"],
  ["ScopeLocked", 409, "", "DENIED", "later"],
  ["AuthorizationFailed", 403, "", "DENIED", "later"],
  ["InvalidAuthenticationToken", 401, "", "DENIED", "later"],
  ["ExpiredAuthenticationToken", 401, "", "DENIED", "later"],
  ["RequestDisallowedByPolicy", 403, "", "DENIED", "later"],
  ["SomethingNew", 403, "", "DENIED", "later"],
  ["ResourceNotFound", 404, "", "TABLE_MISSING", "later"],
  ["ResourceGroupNotFound", 404, "", "TABLE_MISSING", "later"],
  ["SubscriptionNotFound", 404, "", "TABLE_MISSING", "later"],
  ["RouteConflict", 400, "", "ROUTE_EXISTS", "soon"],
  ["RouteCountLimitReached", 400, "", "QUOTA", "later"],
  ["InvalidRequestContent", 400, "", "INVALID", "never"],
  ["SomethingNew", 400, "", "INVALID", "never"],
  ["InternalServerError", 500, "", "CLOUD_FAULT", "soon"],
  ["SomethingNew", 503, "", "CLOUD_FAULT", "soon"],
  ["SomethingNew", 418, "", "UNKNOWN", "later"],
];

describe("what Azure's errors mean", () => {
  it.each(service)("%s (%i %s) is %s, to be tried again %s", (code, status, message, meaning, retry) => {
    const cause = coded(status, code, message);

    expect(translate(cause, call)).toMatchObject({ name: "RouteError", code: meaning, retry, cause });
  });

  it("is what the details say, where they say more", () => {
    const details = [
      { code: "RetryableErrorDueToAnotherOperation", message: "The call can be retried in 11 seconds." },
    ];
    const cause = answered(429, { error: { code: "SomethingWide", message: "", details } });

    expect(translate(cause, call)).toMatchObject({ code: "LOCKED" });
    expect(retryAfterMs(cause)).toBe(11_000);
  });

  it.each([
    ["ECONNREFUSED", "UNREACHABLE"],
    ["ENOTFOUND", "UNREACHABLE"],
    ["ECONNRESET", "TIMED_OUT"],
    ["ESTRANGE", "UNKNOWN"],
  ] as const)("%s on the way is %s", (code, meaning) => {
    expect(translate(Object.assign(new Error("no"), { code }), call)).toMatchObject({ code: meaning });
  });

  it("is what an interface's absence means where one was asked for", () => {
    expect(translate(coded(404, "ResourceNotFound"), { ...call, missing: "TARGET_MISSING" })).toMatchObject({
      code: "TARGET_MISSING",
    });
  });

  it("names who lacks which permission where", () => {
    const { next } = translate(coded(403, "AuthorizationFailed"), call);

    expect(next).toBe(`give application a1 a role that allows ${call.action} on ${call.scope}`);
  });

  it("tells of a management lock that somebody has put", () => {
    expect(translate(coded(409, "ScopeLocked"), call).next).toContain("management lock");
  });

  it("is an error of our own already, or nothing that can be known", () => {
    const own = new RouteError("QUOTA", "full", { retry: "later", next: "less" });

    expect(translate(own, call)).toBe(own);
    expect(translate("text", call)).toMatchObject({ code: "UNKNOWN" });
    expect(translate(answered(500, "<html>"), call)).toMatchObject({ code: "CLOUD_FAULT" });
  });

  it("says how long to wait, when it does", () => {
    expect(retryAfterMs(answered(429, "", { "retry-after": "7" }))).toBe(7_000);
    expect(retryAfterMs(answered(429, "", { "retry-after": "soon" }))).toBeUndefined();
    expect(retryAfterMs(answered(429, ""))).toBeUndefined();
    expect(retryAfterMs("text")).toBeUndefined();
  });

  it("of an operation that was accepted is never that nothing was changed", () => {
    for (const code of ["TooManyRequests", "SubscriptionRequestsThrottled"]) {
      expect(operationError(code, "", call).code).toBe("CLOUD_FAULT");
    }
    expect(operationError("SomethingNew", "", call)).toMatchObject({ code: "CLOUD_FAULT", retry: "soon" });
    expect(operationError("ResourceNotFound", "", call).code).toBe("TABLE_MISSING");
  });
});
