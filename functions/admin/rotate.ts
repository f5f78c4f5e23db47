import type { Host, Link, Network } from "../../shared/domain/network.ts";
import type { AppliedNetwork } from "../../shared/ports/store.ts";
import { commitNetwork } from "./apply.ts";
import { finishApply } from "./finish-apply.ts";
import { type Answer, readBody } from "./http.ts";
import { findHost, findLink, hostName } from "./places.ts";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";
import { CommandRequest, type RotateAnswer, RotateHostRequest } from "./schemas.ts";

/** POST rotate/host/{link}/{location}/{host}: a new secret; the one before is taken for a grace time. */
export async function rotateHost(call: Call): Promise<Answer> {
  const { deps, param } = call;
  const { graceMs, force, why } = await readBody(call.request, RotateHostRequest);
  const applied = (await deps.store.readNetwork()).value;
  const place = findHost(applied.network, param("link"), param("location"), param("host"));
  const name = hostName(place);
  refuseStatic(name, place.host);
  const nowMs = deps.clock.nowMs();
  if (place.host.previousSecretUntilMs > nowMs && !force) throw inGrace(name, place.host);

  const generation = place.host.secretGeneration + 1;
  const graceUntilMs = graceMs === 0 ? 0 : nowMs + graceMs;
  const rotated: Host = { ...place.host, secretGeneration: generation, previousSecretUntilMs: graceUntilMs };
  const message = `new secret of ${name}, generation ${generation}`;
  const next = withHost(applied.network, rotated);
  const version = await commitRotation(call, applied, next, {
    message,
    why,
    linkId: place.link.id,
    hostId: rotated.id,
  });
  return { body: { version, generation, graceUntilMs } satisfies RotateAnswer };
}

/** POST rotate/link/{link}: new pre-shared keys for all pairs of locations. */
export async function rotateLink(call: Call): Promise<Answer> {
  const { why } = await readBody(call.request, CommandRequest);
  const applied = (await call.deps.store.readNetwork()).value;
  const link = findLink(applied.network, call.param("link"));
  const generation = link.keyGeneration + 1;
  const message = `new keys of link ${link.name}, generation ${generation}`;
  const next = withLink(applied.network, { ...link, keyGeneration: generation });
  const version = await commitRotation(call, applied, next, { message, why, linkId: link.id });
  return { body: { version, generation, graceUntilMs: 0 } satisfies RotateAnswer };
}

type Rotation = { readonly message: string; readonly why: string; readonly linkId: string; readonly hostId?: string };

/** The text of the network file stays as it was applied: generations are not part of it. */
async function commitRotation(
  { deps, by }: Call,
  applied: AppliedNetwork,
  network: Network,
  { message, why, ...ids }: Rotation,
): Promise<number> {
  const reason = why === "" ? message : `${message}: ${why}`;
  const commit = { network, atMs: deps.clock.nowMs(), by, why: reason, source: applied.source };
  await commitNetwork(deps, applied, commit);
  const once = `rotated#${network.version}`;
  await deps.store.tell({
    atMs: commit.atMs,
    kind: "secret-rotated",
    severity: "info",
    by,
    message: reason,
    once,
    ...ids,
  });
  await finishApply(deps, { before: applied.network, applied: commit });
  return network.version;
}

function withLink(network: Network, link: Link): Network {
  return {
    version: network.version + 1,
    links: network.links.map((one) => (one.id === link.id ? link : one)),
  };
}

function withHost(network: Network, host: Host): Network {
  return {
    version: network.version + 1,
    links: network.links.map((link) => ({
      ...link,
      locations: link.locations.map((location) => ({
        ...location,
        hosts: location.hosts.map((one) => (one.id === host.id ? host : one)),
      })),
    })),
  };
}

function refuseStatic(name: string, host: Host): void {
  if (!host.static) return;
  throw new Refusal(409, "host-static", `${name} is a static host: it has no secret`, {
    next: "`pointsman rotate link` makes new pre-shared keys, its device's too",
  });
}

function inGrace(name: string, host: Host): Refusal {
  const until = new Date(host.previousSecretUntilMs).toISOString();
  return new Refusal(
    409,
    "rotation-in-grace",
    `the secret before the last rotation of ${name} is taken until ${until}`,
    {
      next: "give the host its new URI first; another rotation now (--force) cuts off a host that still uses that secret",
    },
  );
}
