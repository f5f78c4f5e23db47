import {
  DescribeNetworkInterfacesCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInterface,
} from "@aws-sdk/client-ec2";
import type { FixAction } from "../../domain/finding.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Fixer } from "../../ports/fixer.ts";
import { attempt } from "./call.ts";
import { type Call, routeError } from "./errors.ts";

type Action = Extract<FixAction, { kind: "aws-source-dest-check" }>;
type Client = Pick<EC2Client, "send">;

/** Clients with the ambient credentials, one a region. */
function ambientClients(): (region: string) => Client {
  const opened = new Map<string, EC2Client>();
  return (region) => {
    const client = opened.get(region) ?? new EC2Client({ region, maxAttempts: 1 });
    opened.set(region, client);
    return client;
  };
}

/** Switches the source/destination check of an interface off. */
export function awsFixer(clock: Clock, clientOf = ambientClients()): Fixer {
  return {
    async look(action, signal) {
      const { networkInterface, region } = only(action);
      const found = await describe(clientOf(region), clock, only(action), signal);
      const tag = found.TagSet?.find(({ Key }) => Key === "Name")?.Value;
      const name = tag === undefined ? "" : ` "${tag}"`;
      const who = `${networkInterface}${name} of account ${found.OwnerId} in ${region} (${found.VpcId})`;
      return { changes: `${who}: source/destination check on → off`, isNeeded: found.SourceDestCheck !== false };
    },
    async apply(action, signal) {
      const { networkInterface, region } = only(action);
      const command = new ModifyNetworkInterfaceAttributeCommand({
        NetworkInterfaceId: networkInterface,
        SourceDestCheck: { Value: false },
      });
      const call = callOf("ModifyNetworkInterfaceAttribute", only(action));
      await attempt(clock, call, (abortSignal) => clientOf(region).send(command, { abortSignal }), signal);
    },
  };
}

function only(action: FixAction): Action {
  if (action.kind === "aws-source-dest-check") return action;
  throw new Error(`${action.kind} is not of AWS`);
}

async function describe(client: Client, clock: Clock, action: Action, signal: AbortSignal): Promise<NetworkInterface> {
  const call = callOf("DescribeNetworkInterfaces", action);
  const command = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [action.networkInterface] });
  const answer = await attempt(clock, call, (abortSignal) => client.send(command, { abortSignal }), signal);
  const found = answer.NetworkInterfaces?.[0];
  if (found === undefined) throw routeError("TARGET_MISSING", call, "your credentials do not see this interface");
  return found;
}

function callOf(action: string, { networkInterface, region }: Action): Call {
  const resource = `network-interface/${networkInterface}`;
  return { action: `ec2:${action}`, region, about: networkInterface, resource };
}
