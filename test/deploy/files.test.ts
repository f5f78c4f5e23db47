import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readAzureConfig } from "../../shared/compose/azure-config.ts";
import { azureQueueConnection, azureQueueNames } from "../../shared/compose/azure-queue-names.ts";
import { readGoogleConfig } from "../../shared/compose/google-config.ts";
import { expectedStatements } from "../expected-roles.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? "");

type Reader = (environment: Readonly<Record<string, string | undefined>>) => unknown;

/** Every variable that a reader of the environment looks at, and those without which it refuses. */
function variablesOf(reader: Reader): { readonly all: ReadonlySet<string>; readonly needed: ReadonlySet<string> } {
  const all = new Set<string>();
  const watched = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_empty, name) => {
        if (typeof name === "string" && /^[A-Z]/.test(name)) all.add(name);
        return undefined;
      },
    },
  );
  let refusal = "";
  try {
    reader(watched);
  } catch (error) {
    refusal = String(error);
  }
  return { all, needed: new Set([...all].filter((name) => refusal.includes(`${name}: `))) };
}

/** Variables that only emulators, private addresses of clouds, and identities of the user's own need. */
const optional = [
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_SSM",
  "AZURE_CLIENT_ID",
  "GCE_METADATA_HOST",
  "POINTSMAN_CLOUD_ENDPOINTS",
  "POINTSMAN_TASKS_ENDPOINT",
];

describe("the files for Azure", () => {
  const app = read("deploy/azure/app.bicep");
  const settings = /name: 'appsettings'\s+properties: \{([^}]*(?:\$\{[^}]*\}[^}]*)*)\n {4}\}/.exec(app)?.[1] ?? "";
  const given = found(settings, /^ +(\w+):/gm);
  const host = JSON.parse(read("deploy/azure/host.json"));

  it("give the functions exactly the settings that they read, beside the host's own", () => {
    const { all, needed } = variablesOf(readAzureConfig);
    const ofHost = given.filter((name) => !all.has(name));

    expect(ofHost).toEqual([
      "AzureWebJobsStorage__accountName",
      "APPLICATIONINSIGHTS_CONNECTION_STRING",
      "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
      `${azureQueueConnection}__queueServiceUri`,
    ]);
    expect([...needed].filter((name) => !given.includes(name))).toEqual(["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]);
    expect([...all].filter((name) => !given.includes(name) && !needed.has(name)).sort()).toEqual(
      optional.filter((name) => all.has(name)),
    );
  });

  it("make exactly the queues that are used, and those of what failed", () => {
    const names = found(read("deploy/azure/storage.bicep"), /queues@[\d-]+' = \{\s+parent: queues\s+name: '([\w-]+)'/g);
    const used = Object.values(azureQueueNames);

    expect(names.sort()).toEqual([...used, ...used.map((name) => `${name}-poison`)].sort());
  });

  it("leave paths to the functions, ask the queues every second, and end a run when its lease has ended", () => {
    expect(host.extensions.http.routePrefix).toBe("");
    expect(host.extensions.queues).toMatchObject({
      maxPollingInterval: "00:00:01",
      maxDequeueCount: 3,
      messageEncoding: "base64",
    });
    expect(host.functionTimeout).toBe("00:00:45");
  });

  it("let the failover function's line through that an alarm waits for, and no line for every heartbeat", () => {
    expect(host.logging.logLevel).toMatchObject({
      default: "Warning",
      "Host.Results": "Error",
      "Function.failover": "Information",
    });
    expect(read("deploy/azure/alarms.bicep")).toContain('"Function.failover"');
  });

  it("open nothing but HTTPS, and no account key and no password", () => {
    const storage = read("deploy/azure/storage.bicep");

    expect(app).toMatch(/httpsOnly: true/);
    expect(app).toMatch(/minTlsVersion: '1\.2'/);
    expect(app).toMatch(/for kind in \['scm', 'ftp'\][\s\S]*allow: false/);
    expect(storage).toMatch(/allowSharedKeyAccess: false/);
    expect(storage).toMatch(/allowBlobPublicAccess: false/);
    expect(app + storage).not.toMatch(/listKeys|AccountKey|connectionString:/i);
  });

  it("keep a function ready by the name that it has", () => {
    expect(found(app, /'function:(\w+)'/g)).toEqual(["routes"]);
  });

  it("take every parameter that the example names, and no other module's", () => {
    const main = read("deploy/azure/main.bicep");
    const { parameters } = JSON.parse(read("deploy/azure/parameters.example.json"));
    const declared = found(main, /^param (\w+)/gm);
    const without = found(main, /^param (\w+) \w+$/gm);

    expect(Object.keys(parameters).filter((name) => !declared.includes(name))).toEqual([]);
    expect(without.filter((name) => !(name in parameters))).toEqual([]);
    for (const [, file = "", params = ""] of main.matchAll(
      /module \w+ '([\w.]+)' = \{[\s\S]*?params: \{([\s\S]*?)\n {2}\}/g,
    )) {
      expect(found(params, /^ {4}(\w+):/gm).sort()).toEqual(
        found(read(`deploy/azure/${file}`), /^param (\w+)/gm).sort(),
      );
    }
  });
});

describe("the files for Google Cloud", () => {
  const functions = read("deploy/gcp/functions.tf");
  const accounts = read("deploy/gcp/accounts.tf");

  it("give the functions exactly the variables that they read", () => {
    const { all, needed } = variablesOf(readGoogleConfig);
    const given = found(functions, /^ +((?:AWS|POINTSMAN)_\w+) += /gm);

    expect(given.filter((name) => !all.has(name))).toEqual([]);
    expect([...needed].filter((name) => !given.includes(name))).toEqual([]);
    expect([...all].filter((name) => !given.includes(name)).sort()).toEqual(optional.filter((name) => all.has(name)));
  });

  it("deploy exactly the functions that are registered, those of the schedule by event", () => {
    const deployed = found(functions, /^ {4}(\w+) += \{ account = /gm);
    const registered = ["heartbeat", "failover", "routes", "admin"].flatMap((name) =>
      found(read(`functions/${name}/google.ts`), /^(?:http|cloudEvent)\("(\w+)"/gm),
    );

    expect(deployed.sort()).toEqual(registered.sort());
    expect(found(functions, /each\.key == "(\w+)" \? \[1\]/g)).toEqual(["failover"]);
    expect(read("functions/failover/google.ts")).toMatch(/^cloudEvent\("failover"/m);
  });

  it("let everybody call what proves its callers itself, and the tasks account all else", () => {
    const lists = found(functions, /for_each = toset\(\[([^\]]*)\]\)\s+location/g);

    expect(lists).toEqual(['"heartbeat", "admin"', '"failover", "ticks", "routes"']);
    expect(found(functions, /member += ("allUsers"|[\w.]+)$/gm)).toEqual([
      '"allUsers"',
      "google_service_account.tasks.member",
    ]);
  });

  it("make exactly the queues that are used", () => {
    const used = found(read("shared/compose/google.ts"), /\}(pointsman-\w+)`/g);

    expect(found(read("deploy/gcp/queues.tf"), /name = "(pointsman-\w+)"/g).sort()).toEqual(used.sort());
  });

  it("give the accounts no more roles than these", () => {
    const roles = found(accounts, /"(roles\/[\w.]+)"/g);

    expect([...new Set(roles)].sort()).toEqual([
      "roles/artifactregistry.writer",
      "roles/cloudtasks.enqueuer",
      "roles/eventarc.eventReceiver",
      "roles/iam.serviceAccountUser",
      "roles/logging.logWriter",
      "roles/storage.objectViewer",
    ]);
  });

  it("take the role on AWS that is made for the function's account", () => {
    const names = new Set(found(functions, /account = "(\w+)"/g));
    const roles = found(read("deploy/aws/web-identity.yml"), /RoleName: \{ Fn::Sub: "\$\{Name\}-gcp-(\w+)" \}/g);

    expect(roles.sort()).toEqual([...names].sort());
    expect(functions).toContain(`"\${var.aws_role_prefix}-\${each.value.account}"`);
  });

  it("name every variable that has no default in the example", () => {
    const variables = [...read("deploy/gcp/variables.tf").matchAll(/^variable "(\w+)" \{([\s\S]*?)^\}/gm)];
    const needed = variables.filter(([, , body = ""]) => !/^ +default +=/m.test(body)).map(([, name = ""]) => name);
    const example = found(read("deploy/gcp/terraform.tfvars.example"), /^(\w+) +=/gm);

    expect(needed.filter((name) => !example.includes(name))).toEqual([]);
    expect(example.filter((name) => !variables.some(([, known]) => known === name))).toEqual([]);
  });
});

describe("the roles on AWS for other platforms", () => {
  type Statement = { readonly Sid: string; readonly Action: string | string[]; readonly Resource: unknown };
  type Policy = { readonly PolicyDocument: { readonly Statement: readonly Statement[] } };
  type Role = {
    readonly ManagedPolicyArns: readonly ({ readonly Ref: string } | object)[];
    readonly Policies?: readonly Policy[];
    readonly AssumeRolePolicyDocument: unknown;
  };
  const { Resources } = parse(read("deploy/aws/web-identity.yml")) as {
    readonly Resources: Readonly<Record<string, { readonly Properties: unknown }>>;
  };
  const propertiesOf = (id: string) => {
    const resource = Resources[id];
    if (resource === undefined) throw new Error(`no resource ${id}`);
    return resource.Properties;
  };
  const roleOf = (id: string) => propertiesOf(`${id}Role`) as Role;
  const documentOf = (id: string) => (propertiesOf(id) as Policy).PolicyDocument.Statement;
  const actionsOf = (statements: readonly { readonly Action?: unknown }[]) =>
    statements.flatMap(({ Action }) => Action);

  /** What a role may do on the table and with the secrets. */
  function mayDo(id: string): readonly unknown[] {
    const role = roleOf(id);
    const managed = role.ManagedPolicyArns.flatMap((one) => ("Ref" in one ? documentOf(one.Ref) : []));
    const inline = (role.Policies ?? []).flatMap((one) => one.PolicyDocument.Statement);
    return [...new Set(actionsOf([...managed, ...inline]))].sort();
  }

  it.each(["heartbeat", "failover", "routes", "admin"] as const)(
    "let %s do what it does on AWS, and no more",
    (name) => {
      const onAws = expectedStatements[name].filter(
        (statement) => "Action" in statement && /^(?:dynamodb|ssm|kms):/.test([statement.Action].flat()[0] ?? ""),
      );
      const id = `Google${name.charAt(0).toUpperCase()}${name.slice(1)}`;

      expect(mayDo(id)).toEqual([...new Set(actionsOf(onAws as { Action?: unknown }[]))].sort());
    },
  );

  it("let the function app, which has one identity, do what all of them do", () => {
    const all = ["GoogleHeartbeat", "GoogleFailover", "GoogleRoutes", "GoogleAdmin"].flatMap(mayDo);

    expect(mayDo("Azure")).toEqual([...new Set(all)].sort());
  });

  it("name one table, and one parameter each, never everything", () => {
    const text = JSON.stringify(Resources);

    expect(text).not.toMatch(/"Resource":"\*"/);
    expect(found(text, /:parameter\$\{ParameterPrefix\}\/([\w-]+)"/g).sort()).toEqual([
      ...Array(2).fill("admin-token-hash"),
      ...Array(2).fill("master-key"),
    ]);
  });

  it("are entered with a token of one account, made for one audience", () => {
    for (const name of ["Heartbeat", "Failover", "Routes", "Admin"]) {
      const account = { Ref: `Google${name}Account` };
      expect(roleOf(`Google${name}`).AssumeRolePolicyDocument).toMatchObject({
        Statement: [
          {
            Principal: { Federated: "accounts.google.com" },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: {
              StringEquals: {
                "accounts.google.com:aud": account,
                "accounts.google.com:oaud": { Ref: "Audience" },
                "accounts.google.com:sub": account,
              },
            },
          },
        ],
      });
    }
    const azure = roleOf("Azure").AssumeRolePolicyDocument as { readonly "Fn::Sub": [string, object] };
    expect(JSON.parse(azure["Fn::Sub"][0])).toMatchObject({
      Statement: [
        {
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              [`sts.windows.net/\${EntraTenant}/:aud`]: `\${Audience}`,
              [`sts.windows.net/\${EntraTenant}/:sub`]: `\${EntraPrincipal}`,
            },
          },
        },
      ],
    });
  });
});
