import type { Narrowing, WorldName } from "./types.ts";

/** The command that runs a world again, with its trace. */
export function replayCommand({ seed, hours, faults }: WorldName, narrowing: Narrowing = {}): string {
  const { only, without, untilMs } = narrowing;
  return [
    `npm run sim -- --seed ${seed} --hours ${hours} --faults ${faults}`,
    ...(untilMs === undefined ? [] : [`--until ${untilMs / 1_000}`]),
    ...(only === undefined ? [] : [`--only ${only.length === 0 ? "none" : only.join(",")}`]),
    ...(without === undefined || without.length === 0 ? [] : [`--without ${without.join(",")}`]),
  ].join(" ");
}
