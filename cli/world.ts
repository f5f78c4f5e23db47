import { randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import { systemClock } from "../shared/platform/clock.ts";
import type { Clock, Random } from "../shared/ports/clock.ts";
import { type Io, systemIo } from "./io.ts";

/** Everything outside of the CLI that it touches beside files and the network. */
export type World = {
  readonly io: Io;
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name of the user at this machine, for the record. */
  readonly userName: string;
};

/** The world of this process. */
export function systemWorld(): World {
  return {
    io: systemIo(process.env),
    clock: systemClock,
    random: { bytes: (size) => randomBytes(size) },
    env: process.env,
    userName: currentUser(),
  };
}

function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
