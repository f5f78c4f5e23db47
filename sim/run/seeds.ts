import type { Pool } from "./pool.ts";
import { progressLine } from "./progress.ts";
import { replayCommand } from "./replay.ts";
import { findingLine } from "./report.ts";
import { findingsOf, inOrder, nothing, type Tally, withWorld } from "./tally.ts";
import type { Finding, Narrowing, Underway, WorldName } from "./types.ts";

/** A world in which the simulator itself failed, and how. */
export type Broken = { readonly world: WorldName; readonly error: string };

/** What came of many worlds, in order of seed, whatever order they ended in. */
export type Worlds = {
  readonly tally: Tally;
  readonly findings: readonly Finding[];
  readonly broken: readonly Broken[];
};

export type SeedsOptions = {
  readonly worlds: readonly WorldName[];
  readonly narrowing: Narrowing;
  readonly pool: Pool;
  /** Told how far the run is, and of violations at once. */
  readonly say: (line: string) => void;
  /** Wall clock, ms. */
  readonly wallMs: () => number;
  readonly everyMs: number;
};

export type Seeds = {
  /** Runs all worlds, each until its first violation. */
  run(): Promise<Worlds>;
  /** What came of those that have ended. */
  soFar(): Worlds;
};

export function createSeeds({ worlds, narrowing, pool, say, wallMs, everyMs }: SeedsOptions): Seeds {
  const underway = new Map<WorldName, Underway>();
  const findings: Finding[] = [];
  const broken: Broken[] = [];
  let tally = nothing;

  const broke = (world: WorldName, error: string): void => {
    broken.push({ world, error });
    say(`BROKEN: the simulator failed: ${error}\n  replay: ${replayCommand(world, narrowing)}`);
  };
  const runOne = async (world: WorldName): Promise<void> => {
    const job = { world: { ...world, ...narrowing, stopAtFirst: true }, trace: "none" } as const;
    const outcome = await pool.run(job, (told) => {
      if (told.kind === "underway") underway.set(world, told);
    });
    underway.delete(world);
    switch (outcome.kind) {
      case "done":
        tally = withWorld(tally, outcome.result);
        for (const finding of findingsOf(world, outcome.result)) {
          findings.push(finding);
          say(findingLine(finding));
        }
        return;
      case "broke":
        return broke(world, outcome.error);
      case "hung":
        return broke(world, "the world did not go on");
      default:
        outcome satisfies never;
    }
  };
  const soFar = (): Worlds => ({
    tally,
    findings: inOrder(findings),
    broken: [...broken].sort((a, b) => a.world.seed - b.world.seed),
  });

  return {
    soFar,
    async run() {
      const beganMs = wallMs();
      const telling = setInterval(() => {
        const passedMs = wallMs() - beganMs;
        const violations = findings.length;
        say(
          progressLine({
            done: tally,
            underway: [...underway.values()],
            worlds: worlds.length,
            violations,
            wallMs: passedMs,
          }),
        );
      }, everyMs);
      try {
        await Promise.all(worlds.map(runOne));
      } finally {
        clearInterval(telling);
      }
      return soFar();
    },
  };
}
