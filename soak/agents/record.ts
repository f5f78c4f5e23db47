/** A heartbeat that was answered 200, by the agent's own clock. */
export type GoodHeartbeat = { readonly sentMs: number; readonly answeredMs: number };

/** A time in which an agent ran. `endMs` is undefined while it does. `how`: how it ended. */
export type AgentRun = {
  readonly startMs: number;
  endMs: number | undefined;
  how: "silent" | "left" | undefined;
};

/** What one agent did and was answered: what the judge holds Pointsman's log against. Oldest first throughout. */
export type AgentRecord = {
  readonly linkId: string;
  readonly locationId: string;
  readonly hostId: string;
  /** `link/location/host` */
  readonly name: string;
  readonly timeoutMs: number;
  readonly runs: AgentRun[];
  readonly good: GoodHeartbeat[];
  /** The heartbeats whose answer made it hold tunnels while the one before did not. */
  readonly toldActive: GoodHeartbeat[];
};

/** Whether an agent ran without a break from one time to another. */
export function ranThroughout(record: AgentRecord, fromMs: number, toMs: number): boolean {
  return record.runs.some(({ startMs, endMs = Number.POSITIVE_INFINITY }) => startMs <= fromMs && endMs >= toMs);
}
