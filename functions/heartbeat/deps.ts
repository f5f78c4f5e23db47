import type { Random } from "../../shared/ports/clock.ts";
import type { Secrets } from "../../shared/ports/secrets.ts";
import type { FailoverDeps } from "../failover/deps.ts";

/** What the heartbeat function needs: an election's needs, and those of the protocol. */
export type HeartbeatDeps = FailoverDeps & {
  readonly secrets: Secrets;
  readonly random: Random;
};
