import type { HostPlace } from "../../shared/domain/network.ts";
import { peersOf } from "../../shared/domain/topology.ts";
import type { PlainHandler } from "../../shared/platform/plain-http.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { hostSecret } from "../../shared/protocol/keys.ts";
import { sign, statePath } from "../../shared/protocol/signature.ts";
import { healthyBody, masterKey, signedHeartbeat } from "../heartbeats.ts";
import { type Draw, delays } from "./delays.ts";

/** How a host ends: it vanishes from the network, its process refuses connections, or it says good-bye. */
export type Death = "vanish" | "refuse" | "leave";

/** A simulated host. `lastHeartbeatMs`: when its last heartbeat arrived; the moment of a leave is when it was sent. */
export type VirtualHost = {
  readonly place: HostPlace;
  lastHeartbeatMs: number;
  state: "up" | Death | "stopped";
  start(phaseMs: number): void;
  end(death: Death): void;
};

type Around = {
  readonly clock: Clock;
  readonly draw: Draw;
  readonly receive: PlainHandler;
  readonly hosts: ReadonlyMap<string, VirtualHost>;
};

let sequence = 0;

export function virtualHost(place: HostPlace, around: Around): VirtualHost {
  const { clock, draw, receive } = around;
  const secret = hostSecret(masterKey, place.host.id, 1);
  const healthy = healthyBody(place, true);

  /** Checks all remote hosts at once, and takes as long as the slowest. */
  const check = async (): Promise<Record<string, { state: boolean; latency: number }>> => {
    if (!place.link.hostCheck) return {};
    const remote = peersOf(place.link, place.location).flatMap((peer) => peer.hosts);
    const results = remote.map((host) => {
      const state = around.hosts.get(host.id)?.state ?? "vanish";
      const isUp = state === "up";
      const tookMs =
        state === "vanish" || state === "stopped" ? delays.hostCheckTimeout : draw.between(delays.hostCheckAnswered);
      return { id: host.id, isUp, tookMs };
    });
    await clock.sleep(Math.max(0, ...results.map((result) => result.tookMs)));
    return Object.fromEntries(
      results.map(({ id, isUp, tookMs }) => [id, { state: isUp, latency: Math.round(tookMs * 1_000) }]),
    );
  };

  const hasLeft = () => self.state === "leave";
  const heartbeat = async (): Promise<void> => {
    const hosts = await check();
    if (self.state !== "up") return;
    const text = JSON.stringify({ ...healthy, hosts });
    const request = signedHeartbeat(place.host.id, text, clock.nowMs(), sequence++, secret);
    await clock.sleep(draw.between(delays.network));
    // One that was on its way when its host ended arrives, and counts, all the same.
    if (!hasLeft()) self.lastHeartbeatMs = clock.nowMs();
    await receive(request);
    await clock.sleep(draw.between(delays.network));
  };

  const self: VirtualHost = {
    place,
    lastHeartbeatMs: 0,
    state: "stopped",
    start(phaseMs) {
      self.state = "up";
      void (async () => {
        await clock.sleep(phaseMs);
        while (self.state === "up") {
          await heartbeat();
          await clock.sleep(delays.agentSleep);
        }
      })();
    },
    end(death) {
      self.state = death;
      if (death === "leave") {
        self.lastHeartbeatMs = clock.nowMs();
        void leave();
      }
    },
  };

  const leave = async (): Promise<void> => {
    const timestamp = String(Math.floor(clock.nowMs() / 1_000));
    const nonce = `l${String(sequence++).padStart(31, "0")}`;
    const parts = { hostId: place.host.id, timestamp, nonce, method: "DELETE" as const };
    await clock.sleep(draw.between(delays.network));
    await receive({
      method: "DELETE",
      path: statePath,
      headers: new Map([
        ["auth-token", place.host.id],
        ["auth-timestamp", timestamp],
        ["auth-nonce", nonce],
        ["auth-signature", sign(parts, secret)],
      ]),
      body: "",
    });
  };
  return self;
}
