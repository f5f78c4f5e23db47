import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { tableName } from "../../serve/database/table.ts";
import { startAwsDoor } from "../platforms/aws-door.ts";
import { startGooglePlatform } from "../platforms/google.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { PlatformName } from "./platform-names.ts";

/** The functions on a second platform, over the same table. */
export type SecondPlatform = {
  readonly name: Exclude<PlatformName, "aws">;
  /** `https://127.0.0.1:PORT`: heartbeats and admin API. */
  readonly url: string;
  stop(): Promise<void>;
};

/** A port of this machine that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts the functions as on Google Cloud beside a runtime, at a port that its hosts were told of. They reach the table and
 * the secrets by web identity, through stand-ins. Throws an Error with the reason when they cannot start.
 */
export async function startSecondPlatform(
  runtime: Runtime,
  port: number,
  tellLine: (line: string) => void,
): Promise<SecondPlatform> {
  const { data, clouds, dynamoUrl } = runtime;
  const { cloudSecrets, cloudEndpoints } = clouds.parts;
  const door = await startAwsDoor({
    secrets: data.secrets,
    ...(cloudSecrets !== undefined && { cloudSecrets }),
    elsewhere: clouds.byName.get("aws")?.url ?? "",
  });
  try {
    const { key, cert } = data.certificate;
    const own = `127.0.0.1:${port}`;
    const platform = await startGooglePlatform(
      {
        port,
        certificate: { key, cert },
        dynamoUrl,
        awsUrl: door.url,
        tableName,
        endpoints: [new URL(runtime.url).host, own],
        cloudEndpoints: Object.fromEntries(
          Object.entries(cloudEndpoints ?? {}).map(([name, url]) => [name, String(url)]),
        ),
      },
      tellLine,
    );
    const stop = async (): Promise<void> => {
      await platform.stop();
      await door.close();
    };
    return { name: "gcp", url: platform.url, stop };
  } catch (error) {
    await door.close();
    throw error;
  }
}
