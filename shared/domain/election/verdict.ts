import type { Id } from "../ids.ts";
import type { ChangeReason } from "../records.ts";

/** Why an election changed nothing. */
export type KeepReason =
  | "static"
  | "active-healthy"
  | "nobody-available"
  | "paused"
  | "hold"
  | "deaf"
  | "drain-pending";

/**
 * What an election comes to. `nextMs`: the next moment at which the answer can change by time alone, undefined when it
 * cannot. `evidence`: one sentence on what it rests on.
 */
export type Verdict =
  | {
      readonly kind: "keep";
      readonly reason: KeepReason;
      readonly evidence: string;
      readonly nextMs: number | undefined;
    }
  | { readonly kind: "change"; readonly to: Id | null; readonly reason: ChangeReason; readonly evidence: string };
