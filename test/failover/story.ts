import type { Id } from "../../shared/domain/ids.ts";
import type { Link } from "../../shared/domain/network.ts";
import { host, link, location } from "../fixtures/network.ts";
import type { Chance } from "./chance.ts";

/** What a seed makes of a world. Times are ms from its beginning. */
export type Story = {
  readonly mesh: Link;
  /** Pointsman as a whole is away: nobody is answered, nothing runs. */
  readonly outage: Stretch | undefined;
  /** Only the schedule and the ticks are away. */
  readonly noSweeps: Stretch | undefined;
  readonly databaseMs: number;
  /** Every heartbeat goes to two endpoints at once. */
  readonly endpoints: number;
  readonly hosts: ReadonlyMap<Id, HostStory>;
};
export type Stretch = { readonly fromMs: number; readonly toMs: number };
type HostStory = {
  /** From one heartbeat to the next, beside the host checks. */
  readonly sleepMs: number;
  /** When it is up, and how it ends each time. */
  readonly lives: readonly (Stretch & { readonly end: "die" | "leave" })[];
  /** A dead host does not answer host checks, or refuses them. */
  readonly refuses: boolean;
};

export const worldMs = 80_000;

/** The story that chance makes up. */
export function storyOf(chance: Chance): Story {
  const hostCheck = chance.of(1, 2);
  const timeouts = chance.pick(hostCheck ? [[10_000], [10_000, 30_000]] : [[5_000], [10_000], [5_000, 30_000]]);
  const aHost = (name: string) =>
    host(name, {
      timeoutMs: chance.pick(timeouts),
      priority: chance.pick([10, 10, 20]),
      backoffMs: chance.pick([0, 20_000]),
      publicAddress: "198.51.100.1",
    });
  const places = [
    location("here", [aHost("a1"), aHost("a2")], { holdUpMs: 10_000 }),
    location("there", [aHost("b1"), aHost("b2")], { holdUpMs: 10_000 }),
  ];
  const mesh = link("mesh", places, { hostCheck });
  const isTight = timeouts.includes(5_000);
  const outageMs = chance.between(20_000, 40_000);
  const gapMs = chance.between(20_000, 50_000);
  return {
    mesh,
    outage: chance.of(1, 3) ? { fromMs: outageMs, toMs: outageMs + chance.between(3_000, 30_000) } : undefined,
    noSweeps: chance.of(1, 6) ? { fromMs: gapMs, toMs: worldMs } : undefined,
    databaseMs: chance.of(1, 4) ? 15 : 0,
    endpoints: chance.of(1, 6) ? 2 : 1,
    hosts: new Map(
      places.flatMap((one) => one.hosts.map((each) => [each.id, hostStory(chance, isTight || hostCheck)])),
    ),
  };
}

function hostStory(chance: Chance, isTight: boolean): HostStory {
  const lives: (Stretch & { end: "die" | "leave" })[] = [];
  let fromMs = chance.between(0, 3_000);
  while (fromMs < worldMs) {
    const toMs = fromMs + (chance.of(1, 2) ? worldMs * 2 : chance.between(12_000, 50_000));
    lives.push({ fromMs, toMs, end: chance.of(1, 3) ? "leave" : "die" });
    fromMs = toMs + chance.between(1_000, 25_000);
  }
  const sleepMs = chance.of(1, 2) ? 1_000 : chance.between(1_000, isTight ? 1_500 : 3_500);
  return { sleepMs, lives, refuses: chance.of(1, 2) };
}

/** Whether a time lies in a stretch. ms from the beginning */
export function isIn(stretch: Stretch | undefined, atMs: number): boolean {
  return stretch !== undefined && atMs >= stretch.fromMs && atMs < stretch.toMs;
}

/** Whether a host is up at a time. ms from the beginning */
export function isUp(story: Story, hostId: Id, atMs: number): boolean {
  return (story.hosts.get(hostId)?.lives ?? []).some((life) => isIn(life, atMs));
}
