import type { Clock } from "../../../shared/ports/clock.ts";
import { apiError } from "./errors.ts";

/** What goes on in a network, or went on. */
export type Action = {
  readonly id: number;
  readonly command: "add_route" | "delete_route";
  readonly status: "running" | "success" | "error";
  readonly startedMs: number;
  readonly finishedMs: number | null;
  readonly network: number;
  readonly error: { readonly code: string; readonly message: string } | null;
};

/** How long operations take, and when a deleted route stops to work: at once when it is accepted, or at the end. */
export type Operations = { readonly ms: number; readonly deleted: "when accepted" | "when done" };

export type Actions = {
  /** Begins an action. Throws `ApiError` LOCKED while another one of the network runs. `end` is called when it is over. */
  begin(command: Action["command"], network: number, ms: number, end: () => Action["error"]): Action;
  get(id: number): Action | undefined;
  /** Actions of a network, newest first. */
  of(network: number): readonly Action[];
  refuseBusy(network: number): void;
  lastId: number;
};

/** The actions of a project: one at a time in each network. */
export function actions(clock: Clock): Actions {
  const known = new Map<number, Action>();
  const running = (network: number) =>
    [...known.values()].some((action) => action.network === network && action.status === "running");

  const self: Actions = {
    lastId: 0,
    begin(command, network, ms, end) {
      self.refuseBusy(network);
      self.lastId += 1;
      const id = self.lastId;
      const begun: Action = {
        id,
        command,
        status: "running",
        startedMs: clock.nowMs(),
        finishedMs: null,
        network,
        error: null,
      };
      const finish = (): Action => {
        const error = end();
        const done: Action = {
          ...begun,
          status: error === null ? "success" : "error",
          finishedMs: clock.nowMs(),
          error,
        };
        known.set(id, done);
        return done;
      };
      if (ms <= 0) return finish();
      known.set(id, begun);
      void clock.sleep(ms).then(finish);
      return begun;
    },
    get: (id) => known.get(id),
    of: (network) => [...known.values()].filter((action) => action.network === network).reverse(),
    refuseBusy(network) {
      if (running(network)) throw apiError("locked", "network is locked: there is already an action running");
    },
  };
  return self;
}
