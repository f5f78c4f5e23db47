import { settle } from "../../dev/test-clock.ts";
import type { Ports, World } from "./world.ts";

/** A process that stops in the middle of its `at`-th call to the outside: before it has an effect, or after. */
export type Interruption = {
  readonly ports: Ports;
  /** Whether the process came as far as that call. */
  readonly happened: () => boolean;
};

export type Moment = { readonly at: number; readonly when: "before" | "after" };

/** The process dies there: none of its calls has an effect any more, or comes back. */
export function killedAt({ at, when }: Moment): Interruption {
  const never = new Promise<never>(() => undefined);
  let calls = 0;
  let isDead = false;
  const ports: Ports = async (_name, call) => {
    calls += 1;
    const isLast = calls === at;
    if (isLast && when === "before") isDead = true;
    if (isDead) return never;
    const result = await call();
    if (isLast) isDead = true;
    return isDead ? never : result;
  };
  return { ports, happened: () => isDead };
}

/** The process goes on where it stopped when `thaw` is called. */
export function frozenAt({ at, when }: Moment): Interruption & { readonly thaw: () => void } {
  let calls = 0;
  let isFrozen = false;
  let thaw = (): void => undefined;
  const thawed = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  const ports: Ports = async (_name, call) => {
    calls += 1;
    const isLast = calls === at;
    if (isLast && when === "before") isFrozen = true;
    if (isFrozen) await thawed;
    const result = await call();
    if (isLast) isFrozen = true;
    if (isFrozen) await thawed;
    return result;
  };
  return { ports, happened: () => isFrozen, thaw };
}

/** Lets an interruption also fall between a guard and the route call that it let through. */
export function interruptRouteCalls(world: World, by: string, ports: Ports): void {
  world.cloud.faults.hold = (call) =>
    call.by === by ? ports("route call", () => Promise.resolve()) : Promise.resolve();
}

/** Runs a case for every moment of a process, until it comes to its end uninterrupted. Gives how many there were. */
export async function atEveryMoment(run: (moment: Moment) => Promise<boolean>): Promise<number> {
  let moments = 0;
  for (const when of ["before", "after"] as const) {
    for (let at = 1; await run({ at, when }); at++) moments += 1;
  }
  return moments;
}

/** Lets time pass until the work is done, or its process is interrupted. */
export async function driveUntil(world: World, work: Promise<void>, interruption: Interruption): Promise<void> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  for (await settle(); !isOver && !interruption.happened(); await settle()) await world.clock.step();
}
