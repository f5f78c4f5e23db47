import fc from "fast-check";
import { oddText, oddValue } from "./arbitrary.ts";

/** A request before it takes the form of a platform. A text travels as it is, bytes as base64 where the form knows no bytes. */
export type Sent = {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
};

const domain = "abc123.example.on.aws";

/** A request as a function URL hands it on (payload format 2.0). */
export function urlEvent(sent: Sent): Record<string, unknown> {
  const { method, path, query = "", headers, body } = sent;
  const isBase64Encoded = typeof body !== "string";
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    cookies: ["a=1"],
    headers: { host: domain, "x-forwarded-proto": "https", ...headers },
    requestContext: {
      accountId: "anonymous",
      apiId: "abc123",
      domainName: domain,
      domainPrefix: "abc123",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "x" },
      requestId: "r",
      routeKey: "$default",
      stage: "$default",
      time: "14/Nov/2023:22:13:20 +0000",
      timeEpoch: 1_700_000_000_000,
    },
    ...(body.length === 0 ? {} : { body: isBase64Encoded ? body.toString("base64") : body }),
    isBase64Encoded,
  };
}

/** The same as an HTTP API hands it on: the path decoded, names of routes and stages, bodies often as base64. */
export function httpApiEvent(sent: Sent): Record<string, unknown> {
  const { method, path, body } = sent;
  const routeKey = `${method} /{proxy+}`;
  const event = urlEvent({ ...sent, path: decoded(path), body: Buffer.from(body) });
  return { ...event, routeKey, pathParameters: { proxy: path.slice(1) }, stageVariables: null };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The same as the web's Request; undefined for what no Request can hold. */
export function webRequest({ method, path, query = "", headers, body }: Sent): Request | undefined {
  const hasBody = body.length > 0 && method !== "GET" && method !== "HEAD";
  try {
    const url = `https://${domain}${path}${query === "" ? "" : `?${query}`}`;
    const init = hasBody ? { body: typeof body === "string" ? body : new Uint8Array(body) } : {};
    return new Request(url, { method, headers: new Headers(headers), ...init });
  } catch {
    return undefined;
  }
}

type Spoil = { readonly at: string; readonly value: unknown };

/** A field of an event that is not as the platform sends it. */
export const anySpoil: fc.Arbitrary<Spoil> = fc.record({
  at: fc.constantFrom("rawPath", "rawQueryString", "headers", "requestContext", "body", "isBase64Encoded", "version"),
  value: fc.oneof(fc.constant(undefined), oddValue, fc.constant({ a: "\u4e2d" }), fc.constant({ http: { method: 1 } })),
});

/** An event with a field that is not as the platform sends it. */
export function spoilt(event: Record<string, unknown>, { at, value }: Spoil): Record<string, unknown> {
  return { ...event, [at]: value };
}

/** One header replaced, dropped, doubled as a proxy joins it, or doubled under a name in another case. */
export const anyHeaderChange = (names: readonly [string, ...string[]]) =>
  fc.record({
    name: fc.constantFrom(...names),
    how: fc.constantFrom("replace", "drop", "join", "case"),
    value: oddText,
  });
export type HeaderChange = ReturnType<typeof anyHeaderChange> extends fc.Arbitrary<infer T> ? T : never;

export function changed(
  headers: Readonly<Record<string, string>>,
  changes: readonly HeaderChange[],
): Record<string, string> {
  const next: Record<string, string> = { ...headers };
  for (const { name, how, value } of changes) {
    if (how === "drop") delete next[name];
    else if (how === "join") next[name] = `${next[name] ?? ""},${next[name] ?? ""}`;
    else if (how === "case") next[name.toUpperCase()] = value;
    else next[name] = value;
  }
  return next;
}
