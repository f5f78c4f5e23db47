import { bodyOf, type Look, tunnels } from "./report.ts";
import type { Scene } from "./scene.ts";
import { type Letter, type Shipment, sealed } from "./shipment.ts";
import type { Lie, SimHost } from "./sim-host.ts";

/** What a host signs, by its own clock: one request an endpoint. */
export type Letters = {
  heartbeat(found: Look): readonly Shipment[];
  goodBye(): readonly Shipment[];
};

const nonceDigits = 16;

export function createLetters(host: SimHost, scene: Scene): Letters {
  const { hostId } = host;
  const nonce = nonceMaker(host.chance.fork("nonces").next());

  const signed = (what: Pick<Letter, "method" | "timestampS" | "body" | "report">): readonly Shipment[] => {
    const letter = { ...what, hostId, secret: host.secret, signedMs: scene.timeline.nowMs() };
    const first = sealed({ ...letter, nonce: nonce() });
    return scene.copies === 1 ? [first] : [first, sealed({ ...letter, nonce: nonce() })];
  };
  const timestampS = (): number => Math.floor((scene.timeline.nowMs() + host.clockOffsetMs) / 1_000);

  return {
    heartbeat(found) {
      const atS = timestampS();
      const status = tunnels(scene, host);
      const body = bodyOf(host, atS, found, status);
      host.signedMs = scene.timeline.nowMs();
      const isFalseClaim = found.isLie || status.isLie;
      const isLie = isFalseClaim || host.addressLie !== undefined;
      if (isFalseClaim) told(host.claim);
      if (isLie) {
        told(host.addressLie);
        host.lieSignedMs = host.signedMs;
        host.isLying = true;
        scene.settle(host);
      }
      return signed({ method: "PUT", timestampS: atS, body, report: isLie ? "lie" : "true" });
    },
    goodBye: () => signed({ method: "DELETE", timestampS: timestampS(), body: "", report: "none" }),
  };
}

function told(lie: Lie<unknown> | undefined): void {
  if (lie === undefined || lie.isNoted) return;
  lie.isNoted = true;
  lie.note();
}

/** Nonces of 32 characters, none of them twice. */
function nonceMaker(first: number): () => string {
  const prefix = Math.floor(first * 2 ** 52)
    .toString(16)
    .padStart(nonceDigits, "0");
  let count = 0;
  return () => prefix + (count++).toString(16).padStart(nonceDigits, "0");
}
