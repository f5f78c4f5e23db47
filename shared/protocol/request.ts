import * as z from "zod/mini";
import { limits } from "../domain/limits.ts";

/** A host id as it may stand in a header before anything is known of it. */
const headerId = /^[A-Za-z0-9]{1,40}$/;
const headerTimestamp = /^\d{1,12}$/;
const headerNonce = /^[\x21-\x7e]{8,64}$/;
const headerSignature = /^[A-Za-z0-9+/]{86}==$/;

/** The signed headers of a request, each of a possible shape. */
export type AuthHeaders = {
  readonly hostId: string;
  readonly timestamp: string;
  readonly agentTimeS: number;
  readonly nonce: string;
  readonly signature: string;
};

/** Reads the four `Auth-` headers; undefined when one is missing or cannot be what it should. */
export function parseAuthHeaders(headers: { get(name: string): string | null | undefined }): AuthHeaders | undefined {
  const hostId = headers.get("auth-token") ?? "";
  const timestamp = headers.get("auth-timestamp") ?? "";
  const nonce = headers.get("auth-nonce") ?? "";
  const signature = headers.get("auth-signature") ?? "";
  const isWhole =
    headerId.test(hostId) &&
    headerTimestamp.test(timestamp) &&
    headerNonce.test(nonce) &&
    headerSignature.test(signature);
  return isWhole ? { hostId, timestamp, agentTimeS: Number(timestamp), nonce, signature } : undefined;
}

const Text = z.string().check(z.maxLength(limits.fieldChars));
const keyChars = 40;

/**
 * An object that maps ids to values of one kind, or null. Checked in one loop and handed on as it is: these hold an
 * entry for every tunnel or host of a link and come with every heartbeat, and a schema for each entry costs more than
 * all the rest of the body.
 */
const mapOf = <Value>(isValue: (value: unknown) => value is Value, wanted: string) =>
  z
    .custom<Readonly<Record<string, Value>> | null>((input) => input === null || isObject(input), "not an object")
    .check(
      z.check<Readonly<Record<string, Value>> | null>(({ value: map, issues }) => {
        let entries = 0;
        for (const key in map) {
          if (++entries > limits.mapEntries) {
            issues.push({ code: "custom", input: map, message: `more than ${limits.mapEntries} entries` });
            return;
          }
          if (key.length <= keyChars && isValue(map[key])) continue;
          const message = key.length > keyChars ? `a key of more than ${keyChars} characters` : wanted;
          issues.push({ code: "custom", input: map, path: [key], message });
          return;
        }
      }),
    );

const isObject = (input: unknown): input is Readonly<Record<string, unknown>> =>
  typeof input === "object" && input !== null && !Array.isArray(input);

type TunnelState = "connected" | "connecting" | "disconnected";
const isTunnelState = (input: unknown): input is TunnelState =>
  input === "connected" || input === "connecting" || input === "disconnected";

/** A host check: whether the host answered, and in how many µs. */
type HostCheck = { readonly state: boolean; readonly latency: number };
const isHostCheck = (input: unknown): input is HostCheck => {
  if (!isObject(input)) return false;
  const { state, latency } = input;
  return typeof state === "boolean" && Number.isFinite(latency);
};

/**
 * The body of a heartbeat. Fields that an agent adds one day are passed over; those that it may leave null are taken
 * as empty. Addresses are checked where they are used: a wrong one costs the host its address, not its heartbeat.
 */
export const HeartbeatBody = z.object({
  timestamp: z.int(),
  version: Text,
  public_address: Text,
  local_address: Text,
  address6: Text,
  wg_public_key: Text,
  status: mapOf(isTunnelState, "none of connected, connecting, disconnected"),
  hosts: mapOf(isHostCheck, "not a state and a latency"),
  errors: z.optional(z.nullable(z.array(Text).check(z.maxLength(limits.mapEntries)))),
});
export type HeartbeatBody = z.infer<typeof HeartbeatBody>;

/** Reads a heartbeat's body, or says in one line what is wrong with it: field and reason, never the value. */
export function parseHeartbeatBody(text: string): HeartbeatBody | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: "body: not JSON" };
  }
  const parsed = HeartbeatBody.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".").slice(0, limits.fieldChars) || "body";
  return { problem: `${field}: ${issue?.message ?? "wrong"}` };
}
