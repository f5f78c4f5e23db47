import { monitorEventLoopDelay } from "node:perf_hooks";
import { createUsageMeter, type Usage } from "../processes/usage.ts";
import type { Pointsman } from "./pointsman.ts";

/** What the run itself, the server and the database use. */
export type Meters = {
  sample(): Promise<void>;
  readonly server: Usage;
  readonly database: Usage;
  /** Of all three together, so far. s */
  cpuS(): number;
  /** The longest time for which this process, and so every agent, could do nothing. ms */
  longestDelayMs(): number;
};

export function createMeters(pointsman: Pointsman): Meters {
  const server = createUsageMeter(() => pointsman.server.pid);
  const database = createUsageMeter(() => pointsman.database.pid);
  const delays = monitorEventLoopDelay({ resolution: 20 });
  delays.enable();
  return {
    async sample() {
      await Promise.all([server.sample(), database.sample()]);
    },
    get server() {
      return server.usage;
    },
    get database() {
      return database.usage;
    },
    cpuS() {
      const { user, system } = process.cpuUsage();
      return server.usage.cpuS + database.usage.cpuS + (user + system) / 1_000_000;
    },
    longestDelayMs: () => delays.max / 1_000_000,
  };
}
