import { hostSecret } from "../../shared/protocol/keys.ts";
import type { Answer } from "./http.ts";
import { readMasterKey } from "./master-key.ts";
import { findHost, hostName } from "./places.ts";
import { Refusal } from "./refusal.ts";
import type { Call } from "./router.ts";
import { tellOperator } from "./situation.ts";

/** GET host-uri/{link}/{location}/{host}: what the agent is given. That it was read is recorded, not what it says. */
export async function hostUri({ deps, by, param }: Call): Promise<Answer> {
  const { network } = (await deps.store.readNetwork()).value;
  const place = findHost(network, param("link"), param("location"), param("host"));
  const { link, location, host } = place;
  const name = hostName(place);
  if (host.static) {
    throw new Refusal(409, "host-static", `${name} is a static host: it runs no agent and has no URI`, {
      next: `\`pointsman export ${name} --format FORMAT\` prints the configuration of the device`,
    });
  }
  if (deps.endpoints.length === 0) {
    throw new Refusal(409, "endpoint-unknown", "the deployment does not know its own heartbeat endpoint", {
      next: "set POINTSMAN_ENDPOINTS of the admin function to the host name of the heartbeat endpoint",
    });
  }
  const secret = hostSecret(await readMasterKey(deps), host.id, host.secretGeneration);
  const ids = { linkId: link.id, locationId: location.id, hostId: host.id };
  await tellOperator(deps, { by, message: `URI of ${name} was read`, why: "", ...ids });
  return { body: { uri: `pritunl://${host.id}:${secret}@${deps.endpoints.join(",")}` } };
}
