import { ConfigFileAuthenticationDetailsProvider } from "oci-common";
import { DefaultRequestSigner } from "oci-common/lib/signer.js";
import { RouteError } from "../../domain/errors.ts";
import type { FixAction } from "../../domain/finding.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Fixer } from "../../ports/fixer.ts";
import { change, type OciSession, read } from "./call.ts";
import { type OciClient, ociClient } from "./client.ts";

type Action = Extract<FixAction, { kind: "oci-skip-source-dest-check" }>;

/** Clients with the default profile of `~/.oci/config`, as OCI's own command line has it. `endpoint` as for `ociClient`. */
export function ambientClients(endpoint: string | undefined): (region: string) => OciClient {
  const signer = async (): Promise<DefaultRequestSigner> => {
    try {
      return new DefaultRequestSigner(new ConfigFileAuthenticationDetailsProvider());
    } catch (cause) {
      const next = "set it up with `oci setup config`, then try again";
      throw new RouteError("DENIED", "oci: ~/.oci/config cannot be read", { cause, retry: "never", next });
    }
  };
  return (region) => ociClient(region, { signer, forget: () => undefined }, endpoint);
}

/** Switches the source/destination check of a VNIC off. */
export function ociFixer(clock: Clock, clientOf: (region: string) => OciClient): Fixer {
  const sessionOf = ({ region }: Action): OciSession => ({
    client: clientOf(region),
    clock,
    region,
    compartment: "",
    vcn: "",
  });
  const look = (action: Action, signal: AbortSignal) => {
    const { region, vnic: vnicId } = action;
    const call = { operation: "GetVnic", region, about: vnicId, absent: "TARGET_MISSING" } as const;
    return read(sessionOf(action), call, (network) => network.getVnic({ vnicId }), signal);
  };
  return {
    async look(action, signal) {
      const { vnic } = await look(only(action), signal);
      const name = vnic.displayName === undefined ? "" : ` "${vnic.displayName}"`;
      const changes = `${vnic.id}${name} in ${only(action).region}: skipSourceDestCheck off → on`;
      return { changes, isNeeded: vnic.skipSourceDestCheck !== true };
    },
    async apply(action, signal) {
      const { region, vnic: vnicId } = only(action);
      const { etag } = await look(only(action), signal);
      const call = { operation: "UpdateVnic", region, about: vnicId, absent: "TARGET_MISSING" } as const;
      const updateVnicDetails = { skipSourceDestCheck: true };
      await change(sessionOf(only(action)), call, (network) =>
        network.updateVnic({ vnicId, updateVnicDetails, ifMatch: etag }),
      );
    },
  };
}

function only(action: FixAction): Action {
  if (action.kind === "oci-skip-source-dest-check") return action;
  throw new Error(`${action.kind} is not of OCI`);
}
