import { createEc2Emulator } from "../../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../../dev/emulators/ec2/server.ts";
import { systemClock } from "../../shared/platform/clock.ts";

const region = "us-east-1";

/** The location's cloud as the network file of the suite has it, at `AWS_ENDPOINT_URL_EC2`. */
export async function startCloud() {
  const emulator = createEc2Emulator({
    clock: systemClock,
    world: {
      regions: [
        {
          region,
          vpcs: [{ id: "vpc-0a1", cidrs: ["10.0.0.0/16"] }],
          routeTables: [{ id: "rtb-0a1", vpc: "vpc-0a1" }],
          interfaces: [
            { id: "eni-0a1", vpc: "vpc-0a1", addresses: ["10.0.0.4"] },
            { id: "eni-0a2", vpc: "vpc-0a1", addresses: ["10.0.0.5"] },
          ],
        },
      ],
    },
  });
  const server = await serveEc2(emulator);
  return {
    url: server.url,
    /** Targets of the routes that somebody made, by destination. */
    routes: () => {
      const tables = emulator.dump().regions.flatMap(({ routeTables }) => routeTables);
      const made = tables.flatMap(({ routes }) => routes).filter(({ target }) => target !== "local");
      return Object.fromEntries(made.map(({ destination, target }) => [destination, target]));
    },
    stop: () => server.close(),
  };
}
