import { adminClient } from "../../cli/client.ts";
import { ApplyAnswer, HostUriAnswer } from "../../functions/admin/schemas.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** What `npm start` asks of the admin API, over HTTPS like anybody else. Every method throws the CLI's `CliError`. */
export type Operator = {
  apply(source: string, why: string): Promise<ApplyAnswer>;
  hostUri(link: string, location: string, host: string): Promise<string>;
};

/** An operator of a runtime on this machine, named on the record as `npm start`. */
export function localOperator(runtime: Runtime): Operator {
  const client = adminClient(
    {
      origin: new URL(runtime.url),
      token: runtime.data.adminToken,
      trust: { kind: "pem", pem: runtime.data.certificate.cert },
    },
    "npm start",
  );
  return {
    apply: (file, why) => client.post(["apply"], { file, why, allowRemove: true }, ApplyAnswer),
    hostUri: async (link, location, host) => (await client.get(["host-uri", link, location, host], HostUriAnswer)).uri,
  };
}
