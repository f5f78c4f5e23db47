import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyService, runServerless } from "./service-copy.ts";
import { unzip } from "./unzip.ts";

export type Resource = { readonly Type: string; readonly Condition?: string } & Readonly<Record<string, unknown>> & {
    readonly Properties: Readonly<Record<string, unknown>>;
  };
/** A CloudFormation template, as far as it is looked at. */
type Template = {
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
};
export type Packaged = { readonly template: Template; readonly parameters: Readonly<Record<string, string>> } & {
  readonly bundles: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
};

export const functionNames = ["heartbeat", "failover", "routes", "admin"] as const;

/** Everything that a user can set, set. */
export const everySetting = `
endpoint: custom-domain
domain: pointsman.example.com
certificateArn: arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000
hostedZoneId: Z0123456789ABCDEFGHIJ
endpoints: pointsman.example.com,pointsman-acme.azurewebsites.net
alarmEmail: ops@example.com
logRetentionDays: 90
regions: us-east-1,eu-west-1
assumeRoles: arn:aws:iam::111111111111:role/routes,arn:aws:iam::222222222222:role/routes
cloudSecrets: arn:aws:secretsmanager:us-east-1:123456789012:secret:pointsman/hetzner-AbCdEf
tokenAudiences: api://AzureADTokenExchange
removeRoutes: true
prefixLists: true
routeTableTagValue: backbone
secretsKeyAlias: alias/pointsman
table: pointsman-shared
createTable: false
maximumTicks: 3
maximumSwaps: 20
reservedHeartbeat: 50
reservedFailover: 5
reservedRoutes: 20
reservedAdmin: 2
`;

/** What the `serverless` command makes of a function's name in logical ids. */
export const logicalOf = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Packages the service with the text of a settings file, and reads template, parameters and bundles back. */
export async function packageService(settings: string | undefined): Promise<Packaged> {
  const service = await copyService();
  try {
    if (settings !== undefined) await writeFile(join(service.folder, "pointsman.aws.yml"), settings);
    await runServerless(service.folder, ["package"]);
    const out = join(service.folder, ".serverless");
    const text = await readFile(join(out, "cloudformation-template-update-stack.json"), "utf8");
    const state = JSON.parse(await readFile(join(out, "serverless-state.json"), "utf8")) as {
      readonly service: { readonly provider: { readonly stackParameters: readonly Record<string, string>[] } };
    };
    const bundles = functionNames.map(async (name) => [name, await unzip(join(out, `${name}.zip`))] as const);
    return {
      template: JSON.parse(text) as Template,
      parameters: Object.fromEntries(
        state.service.provider.stackParameters.map((parameter) => [
          parameter["ParameterKey"] ?? "",
          parameter["ParameterValue"] ?? "",
        ]),
      ),
      bundles: new Map(await Promise.all(bundles)),
    };
  } finally {
    await service.remove();
  }
}

/** The files that importing `entry` loads, itself included: static imports only. */
export function staticallyLoaded(files: ReadonlyMap<string, Buffer>, entry: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const visit = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const text = files.get(path)?.toString("utf8") ?? "";
    for (const match of text.matchAll(/(?:\bfrom|\bimport)\s*"\.\/([\w-]+\.mjs)"/g)) {
      visit(join(path, "..", match[1] ?? ""));
    }
  };
  visit(entry);
  return loaded;
}
