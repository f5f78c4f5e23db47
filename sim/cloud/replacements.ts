import type { Machine } from "./estate.ts";
import type { Carry, IncidentParts } from "./incidents.ts";

/** A new interface may be a while in coming, ms. */
const gapMs = [500, 10_000] as const;

/**
 * Replaces the interface of a machine, or takes it off for a while where the network file names it: a new one would need
 * an operator.
 */
export function createReplacements({ timeline, weather, observe, book, estate }: IncidentParts): Carry {
  /** Until when interfaces are off, ms. */
  const offUntilMs = new Map<string, number>();

  const tell = (interfaceId: string, before: string | undefined, after: string | undefined): void => {
    book.shaken();
    observe({ kind: "foreign-change", atMs: timeline.nowMs(), table: "", destination: interfaceId, before, after });
  };
  const renew = (machine: Machine): void => tell(estate.renew(machine), undefined, "attached");
  const remove = (id: string, before: string): void => {
    estate.remove(id);
    tell(id, before, undefined);
  };

  const takeOff = (id: string, lastsMs: number): void => {
    const untilMs = timeline.nowMs() + lastsMs;
    offUntilMs.set(id, Math.max(untilMs, offUntilMs.get(id) ?? 0));
    if (estate.isAttached(id)) {
      estate.detach(id);
      tell(id, "attached", "detached");
    }
    timeline.at(untilMs, () => {
      const one = estate.interface(id);
      if (one === undefined || estate.isAttached(id) || (offUntilMs.get(id) ?? 0) > timeline.nowMs()) return;
      offUntilMs.delete(id);
      estate.put(one);
      tell(id, "detached", "attached");
    });
  };

  /** The old one stays a while without a machine; its address and tag have gone to the new one. */
  const moveAway = (machine: Machine, id: string, lastsMs: number): void => {
    const old = estate.interface(id);
    if (old === undefined) return;
    estate.put({ ...old, address: sparePlace(machine), tag: undefined });
    estate.detach(id);
    tell(id, "attached", "detached");
    renew(machine);
    timeline.at(timeline.nowMs() + lastsMs, () => remove(id, "detached"));
  };

  const exchange = (machine: Machine, id: string, waitMs: number): void => {
    remove(id, "attached");
    if (waitMs === 0) renew(machine);
    else timeline.at(timeline.nowMs() + waitMs, () => renew(machine));
  };

  return ({ kind }, chance, lastsMs) => {
    const present = estate.machines.filter((machine) => machine.hostId !== undefined);
    if (present.length === 0) return;
    const machine = chance.pick(present);
    const [id = ""] = machine.interfaces;
    const how = chance.pick(["move", "exchange", "wait"] as const);
    const waitMs = how === "wait" ? Math.min(lastsMs, chance.within(...gapMs)) : 0;
    const isThere = estate.isAttached(id);
    if (!isThere && machine.isAuto) return;
    weather.note(kind, `${machine.location.name}/${machine.host} ${machine.isAuto ? how : "off"}`, lastsMs);
    if (!machine.isAuto) takeOff(id, lastsMs);
    else if (how === "move") moveAway(machine, id, lastsMs);
    else exchange(machine, id, waitMs);
  };
}

function sparePlace({ address, interfaces }: Machine): string {
  const [a, b] = address.split(".");
  return `${a}.${b}.${100 + (interfaces.length % 100)}.${address.split(".")[3]}`;
}
