import type { CheckedRoute } from "../../dev/demo/check-routes.ts";
import type { Event } from "../../shared/domain/events.ts";
import type { Decision } from "../../shared/domain/records.ts";
import type { AgentRecord } from "../agents/record.ts";

/** A time in which Pointsman could not answer, as seen from outside. */
export type PastOutage = {
  readonly victim: "server" | "database";
  readonly killedMs: number;
  /** When a heartbeat that was sent after it was answered well; undefined when none was. */
  upMs: number | undefined;
};

/** A decision that the admin API showed while the run went on. */
export type SeenDecision = {
  readonly locationId: string;
  readonly epoch: number;
  /** Name of the host, or `nobody`. */
  readonly active: string;
  readonly seenMs: number;
  readonly where: "status" | "events";
};

export type JudgedLocation = {
  readonly id: string;
  /** `link/location` */
  readonly name: string;
  /** Name of a host by its id. */
  readonly hostNames: ReadonlyMap<string, string>;
  /** Everything that the store has, oldest first. */
  readonly decisions: readonly Decision[];
};

/** What the judge knows when the run is over. All times are of this machine's clock. */
export type History = {
  readonly endMs: number;
  readonly agents: readonly AgentRecord[];
  readonly outages: readonly PastOutage[];
  readonly locations: readonly JudgedLocation[];
  readonly seen: readonly SeenDecision[];
  /** All events of the store, oldest first. */
  readonly events: readonly Event[];
  /** Every route that should point at an active host, as the cloud shows it at the end. */
  readonly routes: readonly CheckedRoute[];
  /** Processes that ended without being killed. */
  readonly deaths: readonly string[];
};

/** A broken promise, in a sentence. */
export type Finding = {
  readonly promise: "lost-decision" | "false-failover" | "missed-failover" | "wrong-route" | "died";
  readonly text: string;
};
