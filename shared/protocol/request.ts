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

/**
 * The body of a heartbeat. Fields that an agent adds one day are passed over; those that it may leave null are taken
 * as empty. Addresses are checked where they are used: a wrong one costs the host its address, not its heartbeat.
 */
export type HeartbeatBody = {
  readonly timestamp: number;
  readonly version: string;
  readonly public_address: string;
  readonly local_address: string;
  readonly address6: string;
  readonly wg_public_key: string;
  /** Tunnels by the id of the far location. */
  readonly status: Readonly<Record<string, TunnelState>> | null;
  /** Host checks by the id of the host that was checked. */
  readonly hosts: Readonly<Record<string, HostCheck>> | null;
  readonly errors?: readonly string[] | null;
};
type TunnelState = "connected" | "connecting" | "disconnected";
/** Whether the host answered, and in how many µs. */
type HostCheck = { readonly state: boolean; readonly latency: number };

/** What is wrong with a field, and at which entry of it. */
type Fault = { readonly message: string; readonly at?: string };
type Check = (value: unknown) => Fault | undefined;

const keyChars = 40;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === "string" && value.length <= limits.fieldChars;
const isTunnelState = (value: unknown): boolean =>
  value === "connected" || value === "connecting" || value === "disconnected";
const isHostCheck = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const { state, latency } = value;
  return typeof state === "boolean" && Number.isFinite(latency);
};

const whole: Check = (value) => (Number.isSafeInteger(value) ? undefined : { message: "not a whole number" });
const text: Check = (value) =>
  isText(value) ? undefined : { message: `not a text of at most ${limits.fieldChars} characters` };
const texts: Check = (value) => {
  if (value === undefined || value === null) return undefined;
  const isRight = Array.isArray(value) && value.length <= limits.mapEntries && value.every(isText);
  return isRight ? undefined : { message: `not a list of at most ${limits.mapEntries} texts` };
};
const mapOf =
  (isEntry: (value: unknown) => boolean, message: string): Check =>
  (map) => {
    if (map === null) return undefined;
    if (!isObject(map)) return { message: "not an object" };
    let entries = 0;
    for (const key in map) {
      if (++entries > limits.mapEntries) return { message: `more than ${limits.mapEntries} entries` };
      if (key.length > keyChars) return { message: `a key of more than ${keyChars} characters`, at: key };
      if (!isEntry(map[key])) return { message, at: key };
    }
    return undefined;
  };

const checks: { readonly [Name in keyof HeartbeatBody]-?: Check } = {
  timestamp: whole,
  version: text,
  public_address: text,
  local_address: text,
  address6: text,
  wg_public_key: text,
  status: mapOf(isTunnelState, "none of connected, connecting, disconnected"),
  hosts: mapOf(isHostCheck, "not a state and a latency"),
  errors: texts,
};
const fields = Object.keys(checks) as (keyof HeartbeatBody)[];

/** One check of the whole, since it comes with every heartbeat and a schema of every field costs more than the rest. */
const Body = z.custom<HeartbeatBody>(isObject, "not an object").check(
  z.check<HeartbeatBody>(({ value: body, issues }) => {
    for (const field of fields) {
      const fault = checks[field](body[field]);
      if (fault === undefined) continue;
      const path = fault.at === undefined ? [field] : [field, fault.at];
      issues.push({ code: "custom", input: body, path, message: fault.message });
      return;
    }
  }),
);

/** Reads a heartbeat's body, or says in one line what is wrong with it: field and reason, never the value. */
export function parseHeartbeatBody(text: string): HeartbeatBody | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: "body: not JSON" };
  }
  const parsed = Body.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".").slice(0, limits.fieldChars) || "body";
  return { problem: `${field}: ${issue?.message ?? "wrong"}` };
}
