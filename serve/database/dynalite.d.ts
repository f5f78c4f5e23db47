/** What is used of dynalite, which ships no types. */
declare module "dynalite" {
  import type { Server } from "node:http";

  export default function dynalite(options?: {
    /** Where the LevelDB store is kept; in memory without it. */
    readonly path?: string;
    readonly createTableMs?: number;
  }): Server;
}
