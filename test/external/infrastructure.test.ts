import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * What Terraform and Bicep themselves would say needs their compilers, which no package registry has. Here, a parser of each language
 * reads the files, and every name that one uses must be declared; test/deploy/files.test.ts holds them to the code.
 */
const root = fileURLToPath(new URL("../..", import.meta.url));

type Block = { readonly file: string; readonly kind: string; readonly names: readonly string[] };
type Read = {
  readonly terraform: readonly Block[];
  readonly bicep: readonly {
    readonly file: string;
    readonly mistakes: readonly number[];
    readonly statements: number;
  }[];
};

const python = process.env["POINTSMAN_PYTHON"] ?? "python3";
const script = join(import.meta.dirname, "read_infrastructure.py");
const { terraform, bicep } = JSON.parse(execFileSync(python, [script, root], { encoding: "utf8" })) as Read;

const namesOf = (kind: string) => terraform.filter((block) => block.kind === kind).map(({ names }) => names.join("."));
const textOf = (folder: string, ending: string) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(join(root, folder, file), "utf8").replaceAll(/^\s*(?:#|\/\/).*$/gm, ""))
    .join("\n");
const used = (text: string, pattern: RegExp) => [
  ...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? "")),
];

describe("the Terraform files", () => {
  const text = textOf("deploy/gcp", ".tf");

  it("declare every resource, variable and local that they use, and use every one that they declare", () => {
    const resources = namesOf("resource");
    const dependencies = used(text, /(?<![\w."])((?:google_\w+)\.[a-z_]+)/g);

    expect(dependencies.filter((name) => !resources.includes(name))).toEqual([]);
    expect(used(text, /\bvar\.(\w+)/g).sort()).toEqual(namesOf("variable").sort());
    expect(used(text, /\blocal\.(\w+)/g).sort()).toEqual(namesOf("local").sort());
    expect(used(text, /\bdata\.([\w.]+?)\.(?:number)/g)).toEqual(namesOf("data"));
  });

  it("make these kinds of things, and no other", () => {
    expect([...new Set(namesOf("resource").map((name) => name.split(".")[0] ?? ""))].sort()).toEqual([
      "google_cloud_run_service_iam_member",
      "google_cloud_scheduler_job",
      "google_cloud_tasks_queue",
      "google_cloud_tasks_queue_iam_member",
      "google_cloudfunctions2_function",
      "google_logging_metric",
      "google_logging_project_exclusion",
      "google_monitoring_alert_policy",
      "google_monitoring_notification_channel",
      "google_project_iam_member",
      "google_project_service",
      "google_pubsub_topic",
      "google_service_account",
      "google_service_account_iam_member",
      "google_storage_bucket",
      "google_storage_bucket_object",
    ]);
  });

  it("give out these outputs", () => {
    expect(namesOf("output").sort()).toEqual(["admin_url", "aws_web_identity", "heartbeat_host", "routes_account"]);
  });
});

describe("the Bicep files", () => {
  it.each(bicep)("$file has no mistake that the grammar finds", ({ mistakes, statements }) => {
    expect(mistakes).toEqual([]);
    expect(statements).toBeGreaterThan(0);
  });

  it.each(readdirSync(join(root, "deploy/azure")).filter((file) => file.endsWith(".bicep")))(
    "%s uses every parameter, variable and resource that it declares",
    (file) => {
      const text = readFileSync(join(root, "deploy/azure", file), "utf8").replaceAll(/^\s*\/\/.*$/gm, "");
      const declared = used(text, /^(?:param|var) (\w+)/gm);

      expect(declared.filter((name) => [...text.matchAll(new RegExp(`\\b${name}\\b`, "g"))].length < 2)).toEqual([]);
    },
  );

  it("use one version of each kind of resource", () => {
    const kinds = used(textOf("deploy/azure", ".bicep"), /'(Microsoft\.[\w/]+@[\w-]+)'/g);
    const names = kinds.map((kind) => kind.split("@")[0]);

    expect(new Set(names).size).toBe(names.length);
  });
});

describe("the roles on AWS for other platforms", () => {
  it("are a template that cfn-lint has nothing against", () => {
    const file = join(root, "deploy/aws/web-identity.yml");

    expect(execFileSync(join(dirname(python), "cfn-lint"), [file], { encoding: "utf8" })).toBe("");
  });
});
