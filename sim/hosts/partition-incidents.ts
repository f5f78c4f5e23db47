import { type BeginIncident, noIncident, note, victim, victims } from "./incident.ts";
import type { Cut } from "./scene.ts";
import type { SimHost } from "./sim-host.ts";

/** Requests of a host or a location to the endpoint are lost, or the answers to them. */
export const endpointPartition: BeginIncident = (stage) => {
  const { scene, chance } = stage;
  const hosts = victims(stage);
  const way = chance.is(0.6) ? "lostRequests" : "lostAnswers";
  const change = (host: SimHost, by: 1 | -1): void => {
    host[way] += by;
    host.isConnected = host.lostRequests === 0 && host.lostAnswers === 0;
    scene.settle(host);
  };
  for (const host of hosts) {
    change(host, 1);
    note(stage, `${host.label} ${way}`);
  }
  return () => {
    for (const host of hosts) change(host, -1);
  };
};

/** Host checks and tunnels between two hosts or two locations are lost, one way or both. */
export const hostPartition: BeginIncident = (stage) => {
  const { scene, chance } = stage;
  const host = victim(stage);
  const others = [...scene.sites.values()].flat().filter((one) => one.locationId !== host?.locationId);
  if (host === undefined || others.length === 0) return noIncident;
  const other = chance.pick(others);
  const isBoth = chance.is(0.5);
  const isWhole = chance.is(0.5);
  const isFromHere = chance.is(0.5);
  const ends = isWhole ? ([host.locationId, other.locationId] as const) : ([host.hostId, other.hostId] as const);
  const cut: Cut = { from: ends[isFromHere ? 0 : 1], to: ends[isFromHere ? 1 : 0], isBoth };
  scene.cut(cut);
  const names = isWhole ? [host.location, other.location] : [host.label, other.label];
  if (!isFromHere) names.reverse();
  note(stage, names.join(isBoth ? " and " : " to "));
  return () => scene.mend(cut);
};
