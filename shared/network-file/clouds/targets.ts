import type { ProviderName } from "../../domain/clouds/cloud.ts";

type TargetForm = { readonly pattern: RegExp; readonly write: string };

const ipv4 = String.raw`(?:\d{1,3}\.){3}\d{1,3}`;
const name = "[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?";

/** What a route target of each cloud looks like, beside `auto`. */
export const targetForms: Readonly<Record<ProviderName, TargetForm>> = {
  aws: {
    pattern: /^(?:eni-[0-9a-zA-Z-]{1,60}|i-[0-9a-zA-Z-]{1,60})$/,
    write: "an interface such as eni-0a1b2c3d, an instance such as i-0a1b2c3d, or auto",
  },
  azure: {
    pattern:
      /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[\w.()-]{1,90}\/providers\/microsoft\.network\/networkinterfaces\/[\w.-]{1,80}$/i,
    write: "the whole resource id of a network interface, or auto",
  },
  gcp: {
    pattern: new RegExp(
      `^(?:(?:projects/[a-z][a-z0-9-]{4,28}[a-z0-9]/)?zones/[a-z0-9-]{1,40}/instances/${name}|${ipv4})$`,
    ),
    write: "an instance such as zones/europe-west1-b/instances/link-1, its internal IPv4 address, or auto",
  },
  oci: {
    pattern: /^ocid1\.(?:vnic|privateip)\.[a-z0-9]{1,20}\.[a-z0-9-]{0,40}\.[a-z0-9._-]{1,120}$/,
    write: "the OCID of a VNIC or of a private IP, or auto",
  },
  hetzner: {
    pattern: new RegExp(`^(?:server-\\d{1,15}|${ipv4})$`),
    write: "a server such as server-4711, its address in the network, or auto",
  },
};
