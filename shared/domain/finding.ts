import * as z from "zod/mini";

/** The closed list of what is examined before an incident. */
export const CheckName = z.enum([
  /* What the control plane's own records say. */
  "pointsman",
  "heard",
  "clock",
  "public-address",
  "standby",
  "tunnels",
  "host-check",
  "swap",
  "ledger",
  /* What the routes function finds in the cloud, with the identity that writes the routes. */
  "answer",
  "identity",
  "tables",
  "routes",
  "interface",
  "forwarding",
  "firewall",
  "permissions",
  "quota",
]);
export type CheckName = z.infer<typeof CheckName>;

const Id = z.string().check(z.regex(/^[A-Za-z0-9._()-]{1,128}$/, "not an id"));

/** Something that is safe to switch on, and that an operator may let the command line do with their own credentials. */
export const FixAction = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("aws-source-dest-check"), region: Id, networkInterface: Id }),
  z.strictObject({
    kind: z.literal("azure-ip-forwarding"),
    subscription: Id,
    resourceGroup: Id,
    networkInterface: Id,
  }),
  z.strictObject({ kind: z.literal("oci-skip-source-dest-check"), region: Id, vnic: Id }),
]);
export type FixAction = z.infer<typeof FixAction>;

export const FindingState = z.enum(["pass", "warn", "fail"]);
export type FindingState = z.infer<typeof FindingState>;

/** What one check came to: about what, what was found there, and what to do; `next` is empty where nothing is to be done. */
export const Finding = z.object({
  check: CheckName,
  state: FindingState,
  about: z.string(),
  found: z.string(),
  next: z.string(),
  fix: z.optional(FixAction),
});
export type Finding = z.infer<typeof Finding>;

/** A check that found what it should. */
export function passed(check: CheckName, about: string, found: string): Finding {
  return { check, state: "pass", about, found, next: "" };
}

/** Something that does not stop a fail-over, or may not. */
export function warned(check: CheckName, about: string, found: string, next: string): Finding {
  return { check, state: "warn", about, found, next };
}

/** Something that will stop a fail-over, or the traffic after it. */
export function failed(check: CheckName, about: string, found: string, next: string): Finding {
  return { check, state: "fail", about, found, next };
}

const rank = { fail: 0, warn: 1, pass: 2 } as const;

/** Fails, then warnings, then what passed; else in the order that they came in. */
export function worstFirst<T extends { readonly state: FindingState }>(findings: readonly T[]): readonly T[] {
  return [...findings].sort((a, b) => rank[a.state] - rank[b.state]);
}
