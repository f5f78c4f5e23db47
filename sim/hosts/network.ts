import type { PlainAnswer } from "../../shared/platform/plain-http.ts";
import type { Chance } from "../engine/chance.ts";
import type { HostsOptions } from "./hosts.ts";
import type { Scene } from "./scene.ts";
import type { Shipment } from "./shipment.ts";
import type { SimHost } from "./sim-host.ts";

/** The way from the hosts to the endpoint and back. */
export type Network = {
  /** Carries a request of a host; `end` is called with its answer, with undefined for a broken connection, or never. */
  carry(host: SimHost, shipment: Shipment, end: (answer: PlainAnswer | undefined) => void): void;
  /** Brings a request that its host does not send itself, or not now. */
  intrude(shipment: Shipment, chance: Chance): void;
};

/** One way, ms. */
const travelMs = [4, 50] as const;
/** How much later an unlucky packet is, and the second copy of a doubled request, ms. */
const lateMs = [300, 8_000] as const;
const doubledMs = [1, 3_000] as const;

export function createNetwork(scene: Scene, endpoint: HostsOptions["endpoint"]): Network {
  const { timeline, weather, observe } = scene;
  const later = (ms: number, run: () => void): void => timeline.at(timeline.nowMs() + ms, run);

  /** What an endpoint's answer makes of what is true of a host. */
  const heard = (shipment: Shipment, isGenuine: boolean): void => {
    const host = scene.hosts.get(shipment.hostId);
    if (host === undefined || shipment.report === "none") return;
    host.heardMs = Math.max(host.heardMs, shipment.signedMs);
    if (shipment.report === "lie") host.isLying = true;
    else if (!host.isLying || !isGenuine || shipment.signedMs <= host.lieSignedMs) return;
    else host.isLying = false;
    scene.settle(host);
  };

  const arrive = (shipment: Shipment, isGenuine: boolean, back: (answer: PlainAnswer | undefined) => void): void => {
    const { hostId, method, signedMs } = shipment;
    endpoint(shipment.request).then(
      ({ answer, writer }) => {
        const atMs = timeline.nowMs();
        observe({ kind: "answered", atMs, hostId, method, isGenuine, signedMs, status: answer.status, writer });
        if (answer.status === 200 && method === "PUT") heard(shipment, isGenuine);
        back(answer);
      },
      () => back(undefined),
    );
  };

  return {
    carry(host, shipment, end) {
      const isLost = weather.strikes("net-lose", host.label);
      const isAnswerLost = isLost && weather.chance.is(0.5);
      const delayMs = weather.strikes("net-delay", host.label) ? weather.chance.within(...lateMs) : 0;
      const isAnswerLate = delayMs > 0 && weather.chance.is(0.5);
      if (host.lostRequests > 0 || (isLost && !isAnswerLost)) return;

      const { chance } = host;
      const there = chance.within(...travelMs) + (isAnswerLate ? 0 : delayMs);
      const back = (answer: PlainAnswer | undefined): void => {
        if (isAnswerLost || host.lostAnswers > 0) return;
        // Half of the time that nothing answers, nobody on the way says so.
        if (answer === undefined && chance.is(0.5)) return;
        later(chance.within(...travelMs) + (isAnswerLate ? delayMs : 0), () => end(answer));
      };
      later(there, () => arrive(shipment, true, back));
      if (weather.strikes("net-duplicate", host.label)) {
        later(there + weather.chance.within(...doubledMs), () => arrive(shipment, true, () => undefined));
      }
    },
    intrude(shipment, chance) {
      later(chance.within(...travelMs), () => arrive(shipment, false, () => undefined));
    },
  };
}
