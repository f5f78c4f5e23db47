import type { Scene } from "./scene.ts";
import type { SimHost } from "./sim-host.ts";

/** The process of a host: what belongs to one that ended never goes on; what belongs to one that stands still goes on later. */
export type Life = {
  readonly isOn: boolean;
  begin(how: string): void;
  end(how: string): void;
  /** Makes `run` part of the process as it is now. */
  bind<T>(run: (value: T) => void): (value: T) => void;
  /** Has `run` called after some time, ms, as part of the process as it is now. */
  later(ms: number, run: () => void): void;
  /** Stands still until a time, ms since 1970, and then goes on with everything that came due in between. */
  freeze(untilMs: number): void;
};

export function createLife(host: SimHost, scene: Scene): Life {
  const { timeline } = scene;
  /** Grows when the process begins and when it ends. */
  let number = 0;
  let isOn = false;
  let frozenUntilMs = 0;
  let held: (() => void)[] = [];

  const resume = (mine: number, run: () => void): void => {
    if (mine !== number) return;
    if (frozenUntilMs > 0) held.push(() => resume(mine, run));
    else run();
  };
  const change = (isBegun: boolean): void => {
    number++;
    isOn = isBegun;
    frozenUntilMs = 0;
    held = [];
  };

  return {
    get isOn() {
      return isOn;
    },
    begin(how) {
      change(true);
      scene.setUp(host, true, how);
    },
    end(how) {
      change(false);
      scene.setUp(host, false, how);
    },
    bind(run) {
      const mine = number;
      return (value) => resume(mine, () => run(value));
    },
    later(ms, run) {
      const mine = number;
      timeline.at(timeline.nowMs() + ms, () => resume(mine, run));
    },
    freeze(untilMs) {
      if (!isOn || untilMs <= Math.max(frozenUntilMs, timeline.nowMs())) return;
      frozenUntilMs = untilMs;
      scene.setUp(host, false, "froze");
      const mine = number;
      timeline.at(untilMs, () => {
        if (mine !== number || frozenUntilMs !== untilMs) return;
        frozenUntilMs = 0;
        scene.setUp(host, true, "goes on");
        const due = held;
        held = [];
        for (const run of due) run();
      });
    },
  };
}
