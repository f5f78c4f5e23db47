import type { ProviderName } from "../../shared/domain/clouds/cloud.ts";
import type { ChangeReason } from "../../shared/domain/records.ts";
import type { PlatformName } from "./platform-names.ts";

/** One failover; times are milliseconds since the last heartbeat of the stopped host was sent. */
export type FailoverReport = {
  /** LINK/LOCATION. */
  readonly location: string;
  readonly cloud: ProviderName;
  readonly from: string;
  readonly to: string;
  readonly reason: ChangeReason;
  /** When the host was suspected, or found to have timed out. */
  readonly detectedMs: number;
  /** When the decision's conditional write was answered. */
  readonly committedMs: number;
  /** When the last route stood, as the cloud itself has it. */
  readonly swappedMs: number;
  /** When equal reads had shown every route in place and that was on record. */
  readonly verifiedMs: number;
  /** How many routes of the location point at the new host. */
  readonly routes: number;
  /** Calls that changed routes. */
  readonly calls: number;
  /** Destinations that were without a route for a moment: a cloud may have no other way. */
  readonly gaps: number;
};

/** How a platform was lost while another one went on. `failovers`: decisions in that time, of which there should be none. */
export type PlatformReport = {
  readonly lost: PlatformName;
  readonly wentOn: PlatformName;
  readonly watchedMs: number;
  readonly failovers: number;
};

/** What `--json` prints. `ok`: every route of every location points at its active host, and no lost platform moved anything. */
export type Report = {
  readonly failovers: readonly FailoverReport[];
  readonly platform?: PlatformReport;
  readonly ok: boolean;
};
