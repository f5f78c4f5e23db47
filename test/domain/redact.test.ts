import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redacted } from "../../shared/domain/redact.ts";

const hostSecret = "k3Jq9ZxW1vBt7YcRs5Fn2Lp8MdHg4TaEo6UiKwQyXzC";
const masterKey = Buffer.from(Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256));

describe("a text of somebody else", () => {
  it.each([
    ["an access key id", "The AWS Access Key Id AKIAIOSFODNN7EXAMPLE is not valid", ["AKIAIOSFODNN7EXAMPLE"]],
    ["a session's key id", "InvalidClientTokenId: ASIAY34FZKBOKMUTVV7A", ["ASIAY34FZKBOKMUTVV7A"]],
    ["a secret access key", "signed with wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ["wJalrXUtnFEMI"]],
    ["a secret by name", 'aws_secret_access_key = "short", Password: hunter2', ["short", "hunter2"]],
    [
      "a signed address",
      "GET https://x.s3.amazonaws.com/a?X-Amz-Credential=ABC%2F2026&X-Amz-Signature=abc1 failed",
      ["ABC%2F2026", "abc1"],
    ],
    [
      "what a service says of a signature that does not match",
      "The Canonical String for this request should have been\n'POST\n/\n\nhost:x\nx-amz-security-token:IQoJb3JpZ2luX2VjE\n'",
      ["IQoJb3JpZ2luX2VjE"],
    ],
    ["a header", "Authorization: AWS4-HMAC-SHA256 Credential=XYZ/2026/x, Signature=fe5f80", ["XYZ/", "fe5f80"]],
    ["a bearer token", "header Authorization: Bearer abc.def-123 refused", ["abc.def-123"]],
    ["an admin token", "pm_abc-DEF_ghi-jkl_mno-pqr_stu-vwx_yz0-123_456-789 is wrong", ["abc-DEF_ghi", "456-789"]],
    ["a host's URI", `pritunl://abcdef0123456789:${hostSecret}@hb.example.net`, [hostSecret, "abcdef0123456789"]],
    ["a pre-shared key", `PSK "${hostSecret}" rejected`, [hostSecret]],
    ["the master key in base64", `value ${masterKey.toString("base64")}`, [masterKey.toString("base64").slice(0, 20)]],
    ["the master key in hex", `value ${masterKey.toString("hex")}`, [masterKey.toString("hex").slice(0, 20)]],
  ])("loses %s", (_what, text, secrets) => {
    const shown = redacted(text);
    for (const secret of secrets) expect(shown).not.toContain(secret);
    expect(shown).toContain("[hidden]");
  });

  it.each([
    "User: arn:aws:sts::123456789012:assumed-role/pointsman-prod-eu-west-1-routes/pointsman-prod-routes is not authorized to perform: ec2:ReplaceRoute on resource: arn:aws:ec2:eu-west-1:123456789012:route-table/rtb-0a1b2c3d4e5f60718",
    "secrets: /pointsman/prod/master-key is not base64 of 32 bytes: see `pointsman init`",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key",
    "connect ECONNREFUSED 10.0.0.7:443 (https://dynamodb.eu-central-1.amazonaws.com/)",
    "request VJ7U8JQ5J8F0N1M2B3V4C5X6Z7A8S9D0F1G2H3J4K5L6Q7W8E9R0 and 8d3f4a1e-1b2c-4d5e-8f90-123456789abc",
    "route table rtb-0a1b2c3d4e5f60718 and network interface eni-0a1b2c3d4e5f60718 belong to different networks",
    "Error\n    at send (file:///var/task/functions/heartbeat/chunk-OBFEWHBJ.mjs:3:14159)",
  ])("stays as it is where there is nothing to hide: %s", (text) => {
    expect(redacted(text)).toBe(text);
  });

  it("loses every secret of 32 bytes in base64 and hex, whatever stands around it", () => {
    const near = fc.stringMatching(/^[ :="',()\n]{1,3}$/);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), near, near, (bytes, before, after) => {
        const key = Buffer.from(bytes);
        const base64 = key.toString("base64");
        fc.pre(/\d/.test(base64) && /[A-Z]/.test(base64) && /[a-z]/.test(base64));
        for (const form of [base64, key.toString("hex")]) {
          expect(redacted(`a${before}${form}${after}z`)).not.toContain(form);
        }
      }),
    );
  });

  it("is done with in a moment, however long and odd it is", () => {
    for (const text of ["a".repeat(200_000), "://".repeat(70_000), "x-amz-".repeat(40_000), "A1".repeat(100_000)]) {
      expect(redacted(text).length).toBeLessThanOrEqual(text.length);
    }
  });
});
