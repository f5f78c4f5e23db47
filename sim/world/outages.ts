import type { CloudModel } from "../cloud/cloud.ts";
import { chanceOf } from "../engine/chance.ts";
import type { Timeline } from "../engine/timeline.ts";
import type { Incident } from "../faults/kinds.ts";
import type { Weather } from "../faults/weather.ts";
import type { Process } from "../platform/process.ts";
import type { Service } from "./service.ts";

/** What can be away as a whole. */
type Ground = { isDown: boolean };

/** Carries out incidents that hit Pointsman itself: outages, and containers with a wrong clock. Each ends by itself. */
export function createOutages(
  { timeline, weather }: { readonly timeline: Timeline; readonly weather: Weather },
  service: Service,
  cloud: CloudModel,
): (incident: Incident) => void {
  /** How many outages hold a part down. */
  const holds = new Map<Ground, number>();
  const hold = (ground: Ground, change: 1 | -1): void => {
    const count = (holds.get(ground) ?? 0) + change;
    holds.set(ground, count);
    ground.isDown = count > 0;
  };
  const { heartbeat, failover, routes, admin, database } = service;
  /** In the order of how bad it is. */
  const grounds: readonly { readonly name: string; readonly parts: readonly Ground[] }[] = [
    { name: "everything", parts: [heartbeat, failover, routes, admin, database] },
    { name: "the database", parts: [database] },
    { name: "the failover function", parts: [failover] },
    { name: "the routes function", parts: [routes] },
    { name: "the cloud", parts: [cloud] },
  ];

  const outage = async (incident: Incident, name: string, parts: readonly Ground[]): Promise<void> => {
    const lastsMs = incident.toMs - incident.fromMs;
    for (const part of parts) hold(part, 1);
    weather.note(incident.kind, name, lastsMs);
    await timeline.after(lastsMs);
    for (const part of parts) hold(part, -1);
  };

  const wrongClock = async (incident: Incident): Promise<void> => {
    const chance = chanceOf(Math.floor(incident.roll * 2 ** 32));
    const { processes } = chance.pick<{ readonly processes: readonly Process[] }>([heartbeat, failover, routes]);
    if (processes.length === 0) return;
    const victim = chance.pick(processes);
    const lastsMs = incident.toMs - incident.fromMs;
    const offsetMs = (chance.is(0.5) ? 1 : -1) * 3_000 * 1_000 ** chance.next();
    weather.note(incident.kind, `${victim.writer.process} by ${Math.round(offsetMs)} ms`, lastsMs);
    victim.setClock(offsetMs);
    await timeline.after(lastsMs);
    victim.setClock(chance.within(-500, 500));
  };

  return (incident) => {
    const chance = chanceOf(Math.floor(incident.roll * 2 ** 32));
    switch (incident.kind) {
      case "outage-endpoint":
        void outage(incident, "the endpoint", [heartbeat]);
        return;
      case "outage-functions": {
        const { name, parts } = chance.pick(grounds);
        void outage(incident, name, parts);
        return;
      }
      case "container-clock":
        void wrongClock(incident);
        return;
      default:
        throw new Error(`not an outage: ${incident.kind}`);
    }
  };
}
