import { type AzureHost, type RpcData, startAzureHost } from "./azure-host.ts";
import { startAzureStandIn } from "./azure-storage.ts";
import type { ConformanceAnswer, ConformanceRequest, Delivery, OpenPlatform, Platform } from "./platform.ts";

/**
 * A function app in Azure's programming model, which `load` imports. Routing is the host's: it is done here by what was
 * registered.
 */
export const openAzure =
  (load: () => Promise<unknown>): OpenPlatform =>
  async () => {
    const storage = await startAzureStandIn();
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
    Object.assign(process.env, {
      POINTSMAN_AWS_AUDIENCE: "api://aws",
      POINTSMAN_QUEUE_URL: `${storage.endpoint}/account?sig=local`,
      IDENTITY_ENDPOINT: `${storage.endpoint}/token`,
      IDENTITY_HEADER: "proof",
    });
    const host = startAzureHost();
    await load();
    return {
      heartbeat: (request) => ask(host, request),
      admin: (request) => ask(host, { ...request, path: `/pointsman${request.path}` }),
      schedule: () => runOf(host, "failover", { json: JSON.stringify({ IsPastDue: false }) }),
      tick: (message) => runOf(host, queueFunction(host, "pointsman-ticks"), { string: message }),
      swap: (message) => runOf(host, queueFunction(host, "pointsman-swaps"), { string: message }),
      sent: storage.sent,
      stop: storage.stop,
    } satisfies Platform;
  };

const isOfType = (host: AzureHost, name: string, type: string): boolean => host.trigger(name).type === type;

function queueFunction(host: AzureHost, queueName: string): string {
  const name = host.names.find(
    (one) => isOfType(host, one, "queueTrigger") && host.trigger(one)["queueName"] === queueName,
  );
  if (name === undefined) throw new Error(`no function of the queue ${queueName}`);
  return name;
}

async function runOf(host: AzureHost, name: string, data: RpcData): Promise<Delivery> {
  const metadata = { Id: { string: "m1" }, DequeueCount: { json: "1" }, QueueTrigger: data };
  try {
    await host.invoke(name, data, metadata);
    return "done";
  } catch {
    return "again";
  }
}

/** As the host does it: a path that no route has, or a method that it does not take, is answered 404; a failure 500. */
async function ask(host: AzureHost, request: ConformanceRequest): Promise<ConformanceAnswer> {
  const name = host.names.find((one) => isOfType(host, one, "httpTrigger") && matches(host, one, request));
  if (name === undefined) return { status: 404, headers: {}, body: "" };
  try {
    const { http } = (await host.invoke(name, { http: httpOf(request) })) ?? {};
    return {
      status: Number(http?.statusCode),
      headers: { ...http?.headers },
      body: Buffer.from(http?.body?.bytes ?? []).toString("utf8"),
    };
  } catch {
    return { status: 500, headers: {}, body: "" };
  }
}

function matches(host: AzureHost, name: string, { method, path }: ConformanceRequest): boolean {
  const { route, methods } = host.trigger(name) as unknown as { route: string; methods: readonly string[] };
  if (/^\/?(?:admin|runtime)/i.test(route)) throw new Error(`the host keeps the route ${route} to itself`);
  const pattern = route.replace(/\{\*\w+\}$/, ".*");
  return methods.includes(method) && new RegExp(`^/${pattern}$`, "i").test(path);
}

function httpOf({ method, path, query, headers, body }: ConformanceRequest) {
  const nullable = (entries: Iterable<readonly [string, string]>) =>
    Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length = bytes === undefined ? [] : [["content-length", String(bytes.length)] as const];
  return {
    method,
    url: `https://pointsman.azurewebsites.net${path}${query === undefined ? "" : `?${query}`}`,
    nullableHeaders: nullable([...Object.entries(headers), ...length]),
    nullableQuery: nullable(new URLSearchParams(query)),
    ...(bytes === undefined ? {} : { body: { bytes } }),
  };
}
