import * as z from "zod/mini";
import type { RouteErrorCode } from "../domain/errors.ts";
import { Id } from "../domain/ids.ts";
import { executorLimits as most } from "./limits.ts";

/** Visible characters and spaces: nothing that could break a line of a log or a header. */
const text = (chars: number) => z.string().check(z.maxLength(chars), z.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u));
const field = text(most.fieldChars).check(z.minLength(1));
const whole = z.int().check(z.nonnegative());
const target = field;
/** A CIDR, or what a table that holds one destination calls it. */
const destination = z.string().check(z.maxLength(80), z.regex(/^[A-Za-z0-9.:/_-]+$/));

const codes = [
  ...["THROTTLED", "LOCKED", "TIMED_OUT", "UNREACHABLE", "CLOUD_FAULT", "DENIED", "TABLE_MISSING", "TARGET_MISSING"],
  ...["TARGET_NOT_ALLOWED", "TARGET_AMBIGUOUS", "ROUTE_EXISTS", "ROUTE_MISSING", "QUOTA", "INVALID", "SUPERSEDED"],
  "UNKNOWN",
] as readonly string[] as readonly [RouteErrorCode, ...RouteErrorCode[]];

export const WireError = z.strictObject({
  code: z.enum(codes),
  message: text(most.errorChars),
  next: text(most.errorChars),
  retry: z.enum(["soon", "later", "never"]),
});
export type WireError = z.infer<typeof WireError>;

const Holds = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fixed"), target }),
  z.strictObject({ kind: z.literal("one"), destination }),
  z.strictObject({ kind: z.literal("list"), target, family: z.union([z.literal(4), z.literal(6)]) }),
  z.strictObject({
    kind: z.literal("lists"),
    destinations: z.strictObject({ 4: destination, 6: destination }),
  }),
]);

export const WireTable = z.strictObject({ key: field, id: field, holds: z.exactOptional(Holds) });
const Tables = z.array(WireTable).check(z.maxLength(most.tables));

/** A route; `t` is the place of its table in the list that comes with it. */
export const WireRoute = z.strictObject({
  t: whole,
  destination,
  target,
  state: z.enum(["active", "blackhole"]),
  isStatic: z.boolean(),
  residue: z.exactOptional(z.literal(true)),
  warning: z.exactOptional(text(most.errorChars)),
});
const Routes = z.array(WireRoute).check(z.maxLength(most.routes));

export const WireChange = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("create"), t: whole, destination, target }),
  z.strictObject({ kind: z.literal("replace"), t: whole, destination, target, found: target }),
  z.strictObject({ kind: z.literal("remove"), t: whole, destination, found: target }),
]);
export type WireChange = z.infer<typeof WireChange>;

const token = z.string().check(z.regex(/^[A-Za-z0-9_.-]{1,200}$/));
const epoch = z.int().check(z.nonnegative());
/** Where: the cloud's settings are looked at on their own. */
const place = { cloud: z.record(z.string(), z.unknown()), locationId: Id };
/** A write that is under way: one run of one decision. */
const turn = { run: token, locationId: Id, epoch };

/** What each operation is asked with. */
export const Asked = {
  challenge: z.strictObject(place),
  survey: z.strictObject(place),
  read: z.strictObject({ ...place, tables: Tables }),
  targets: z.strictObject({
    ...place,
    hosts: z
      .array(z.strictObject({ hostId: Id, target: text(most.fieldChars), localAddress: text(most.fieldChars) }))
      .check(z.maxLength(most.hosts)),
  }),
  write: z.strictObject({
    ...turn,
    cloud: place.cloud,
    challenge: token,
    tables: Tables,
    changes: z.array(WireChange).check(z.minLength(1), z.maxLength(most.changes)),
  }),
  /** Without a challenge: asks for one, if the run is here. */
  permit: z.strictObject({ ...turn, challenge: z.exactOptional(token) }),
};

/** What became of a change. `left`: no call was begun for it. `agoMs`: how long before the answer it was written. */
const Outcome = z.discriminatedUnion("result", [
  z.strictObject({ result: z.literal("written"), agoMs: z.number().check(z.nonnegative()) }),
  z.strictObject({ result: z.literal("failed"), error: WireError }),
  z.strictObject({ result: z.literal("left") }),
]);
export type WireOutcome = z.infer<typeof Outcome>;

/** What each operation is answered with when it was done. */
export const Answered = {
  /** `renews`: whether a permit can reach a write that is under way. */
  challenge: z.strictObject({ challenge: token, renews: z.boolean() }),
  survey: z.strictObject({ tables: Tables, routes: Routes }),
  read: z.strictObject({ routes: Routes }),
  targets: z.strictObject({
    outcomes: z
      .array(z.union([z.strictObject({ hostId: Id, target }), z.strictObject({ hostId: Id, error: WireError })]))
      .check(z.maxLength(most.hosts)),
  }),
  write: z.strictObject({ outcomes: z.array(Outcome).check(z.maxLength(most.changes)), challenge: token }),
  permit: z.strictObject({ isHere: z.boolean(), challenge: token }),
};

/** Why a request that was signed rightly was not looked into; nothing was begun. */
export const refusals = [
  "expired",
  "expires-late",
  "replayed",
  "busy",
  "invalid",
  "not-served",
  "permit-old",
  "permit-foreign",
] as const;
export type Refusal = (typeof refusals)[number];

/** An answer: what was done, the error that it ended with, or why it was not begun. */
export const Envelope = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("done"), value: z.unknown() }),
  z.strictObject({ kind: z.literal("failed"), error: WireError }),
  z.strictObject({
    kind: z.literal("refused"),
    why: z.enum(refusals),
    about: text(most.errorChars),
    challenge: z.exactOptional(token),
  }),
]);
export type Envelope = z.infer<typeof Envelope>;
