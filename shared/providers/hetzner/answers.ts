import * as z from "zod/mini";

/** What is read of the API's answers; whatever else they hold is left alone. https://docs.hetzner.cloud */
const Network = z.object({
  id: z.int(),
  ip_range: z.string(),
  subnets: z.array(z.object({ type: z.string(), ip_range: z.optional(z.string()) })),
  routes: z.array(z.object({ destination: z.string(), gateway: z.string() })),
});
export type Network = z.infer<typeof Network>;

const Server = z.object({
  id: z.int(),
  private_net: z.array(
    z.object({ network: z.int(), ip: z.string(), alias_ips: z._default(z.nullable(z.array(z.string())), []) }),
  ),
  labels: z.record(z.string(), z.string()),
  name: z._default(z.string(), ""),
  status: z._default(z.string(), "running"),
  public_net: z.optional(
    z.object({ firewalls: z._default(z.array(z.object({ id: z.int(), status: z.string() })), []) }),
  ),
});
export type Server = z.infer<typeof Server>;

const Firewall = z.object({
  id: z.int(),
  name: z._default(z.string(), ""),
  rules: z.array(
    z.object({
      direction: z.string(),
      protocol: z.string(),
      port: z._default(z.nullable(z.string()), null),
      source_ips: z._default(z.array(z.string()), []),
    }),
  ),
});
export type Firewall = z.infer<typeof Firewall>;

const Action = z.object({
  id: z.int(),
  status: z.enum(["running", "success", "error"]),
  error: z.nullable(z.object({ code: z.string(), message: z.string() })),
});
export type Action = z.infer<typeof Action>;

const Meta = z.object({ pagination: z.object({ next_page: z.nullable(z.int()) }) });

export const NetworkAnswer = z.object({ network: Network });
export const ServersAnswer = z.object({ servers: z.array(Server), meta: z.optional(Meta) });
export const FirewallsAnswer = z.object({ firewalls: z.array(Firewall), meta: z.optional(Meta) });
export const ActionAnswer = z.object({ action: Action });
export const ActionsAnswer = z.object({ actions: z.array(Action), meta: z.optional(Meta) });
export const ErrorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
