import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRouteTableCommand, CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEc2Emulator } from "../../dev/emulators/ec2/emulator.ts";
import { serveEc2 } from "../../dev/emulators/ec2/server.ts";
import { createHetznerEmulator } from "../../dev/emulators/hetzner/emulator.ts";
import { createOciEmulator } from "../../dev/emulators/oci/emulator.ts";
import { serveOci } from "../../dev/emulators/oci/server.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { apiKey, TENANCY, USER } from "../providers/oci/api-key.ts";
import { commandsInProse, documents, root } from "./docs-commands/documents.ts";
import { type NoteTaker, serveAsGoogle, serveAsHetzner, serveAsOci } from "./docs-commands/note-taker.ts";
import { type Recorded, recordCommands } from "./docs-commands/record.ts";
import { type Row, rows } from "./docs-commands/rows.ts";
import { type Ran, run } from "./docs-commands/run.ts";
import { type RunningServer, startServer } from "./process.ts";

/**
 * Every command of docs/clouds/*.md, given to the vendor's own command line: carried out where an emulator or moto can, else
 * as far as rows.ts says, and why. What a command line does not know fails.
 */
const cli = (name: string): string => process.env[`POINTSMAN_CLI_${name.toUpperCase()}`] ?? "";
const recorded = recordCommands();
const lineOf = (argv: readonly string[]): string => argv.join(" ").replace(/\s+/g, " ");
const rowsFor = (argv: readonly string[]): readonly Row[] => rows.filter(({ match }) => match.test(lineOf(argv)));
const title = (argv: readonly string[]): string => lineOf(argv).slice(0, 110);

const work = mkdtempSync(join(tmpdir(), "pointsman-docs-run-"));
const key = apiKey("00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff");
const ec2 = createEc2Emulator({ clock: systemClock });
const oci = createOciEmulator({ clock: systemClock });
const hetzner = createHetznerEmulator({ clock: systemClock });
const TOKEN = "token-of-the-reader";
const INTERFACE = "eni-0a1b2c3d";
const VNIC = "ocid1.vnic.oc1.phx.a";

let moto: RunningServer;
let servers: { ec2: string; oci: string };
let google: NoteTaker;
let hcloud: NoteTaker;
let ociNotes: NoteTaker;
let motoTable = "";
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  prepareFolder();
  ec2.seed({
    regions: [
      {
        region: "eu-central-1",
        vpcs: [{ id: "vpc-1", cidrs: ["10.0.0.0/16"] }],
        interfaces: [{ id: INTERFACE, vpc: "vpc-1", addresses: ["10.0.0.4"], sourceDestCheck: true }],
        prefixLists: [{ id: "pl-1", name: "pointsman-l1-ipv4", maxEntries: 5 }],
      },
    ],
  });
  oci.seed({
    apiKeys: { [key.keyId]: key.publicKey },
    vcns: [{ id: "ocid1.vcn.oc1.phx.1", cidrs: ["10.0.0.0/16"] }],
    subnets: [{ id: "ocid1.subnet.oc1.phx.near", vcn: "ocid1.vcn.oc1.phx.1", cidr: "10.0.0.0/24" }],
    vnics: [{ id: VNIC, subnet: "ocid1.subnet.oc1.phx.near", address: "10.0.0.4", skipSourceDestCheck: false }],
  });
  hetzner.seed({
    tokens: [{ token: TOKEN }],
    networks: [{ id: 4711, name: "west", ip_range: "10.0.0.0/16" }],
    servers: [{ id: 11, name: "link-1" }],
  });
  const python = process.env["POINTSMAN_PYTHON"] ?? "python3";
  moto = await startServer(python, (port) => ["-m", "moto.server", "--host", "127.0.0.1", "--port", `${port}`]);
  const [ec2Server, ociServer] = [await serveEc2(ec2), await serveOci(oci)];
  servers = { ec2: ec2Server.url, oci: ociServer.url };
  [google, ociNotes, hcloud] = [await serveAsGoogle(), await serveAsOci(), await serveAsHetzner(hetzner)];
  motoTable = await tableInMoto();
  for (const server of [ec2Server, ociServer, google, ociNotes, hcloud]) closers.push(() => server.close());
});
afterAll(async () => {
  for (const close of closers) await close();
  await moto?.stop();
  rmSync(work, { recursive: true, force: true });
});

/** The files that the documents' commands read. */
function prepareFolder(): void {
  cpSync(join(root, "deploy"), join(work, "deploy"), { recursive: true });
  const { privateKey } = JSON.parse(key.secret) as { privateKey: string };
  for (const file of ["token", "pointsman-oci.json"]) writeFileSync(join(work, file), "secret");
  writeFileSync(join(work, "pointsman-public.pem"), key.publicKey);
  writeFileSync(join(work, "link-1.yaml"), "name: link-1\ncanIpForward: true\nfingerprint: YWJjZA==\n");
  writeFileSync(join(work, "key.pem"), privateKey, { mode: 0o600 });
  const fingerprint = key.keyId.split("/")[2];
  const config = [`user=${USER}`, `fingerprint=${fingerprint}`, `tenancy=${TENANCY}`, `key_file=${work}/key.pem`];
  mkdirSync(join(work, ".oci"));
  writeFileSync(join(work, ".oci", "config"), ["[DEFAULT]", ...config, "region=us-phoenix-1", ""].join("\n"), {
    mode: 0o600,
  });
}

async function tableInMoto(): Promise<string> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new EC2Client({ region: "eu-central-1", endpoint: moto.endpoint, credentials });
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const { RouteTable } = await client.send(new CreateRouteTableCommand({ VpcId: Vpc?.VpcId }));
  client.destroy();
  return RouteTable?.RouteTableId ?? "";
}

const base = () => ({ HOME: work, LC_ALL: "C.UTF-8" });

async function runAws(args: readonly string[], how: Row["how"]): Promise<Ran> {
  const endpoint = how === "emulator" ? servers.ec2 : moto.endpoint;
  const env = { ...base(), AWS_ENDPOINT_URL: endpoint, AWS_REGION: "eu-central-1", AWS_DEFAULT_REGION: "eu-central-1" };
  const login = { AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret", AWS_PAGER: "" };
  // moto gives ids of its own, and has a role's name only without what a reader fills in.
  const here = args.map((arg) => (how === "moto" ? arg.replace(/^(?:rtb|eni)-0[0-9a-f]{7}$/, motoTable) : arg));
  const more = how === "parsed" ? ["--generate-cli-skeleton", "output"] : [];
  return run(cli("aws"), [...here, ...more], { cwd: work, env: { ...env, ...login } });
}

function runAz(args: readonly string[]): Promise<Ran> {
  const python = join(cli("az"), "..", "python");
  const env = { ...base(), AZURE_CONFIG_DIR: join(work, ".azure"), AZURE_CORE_COLLECT_TELEMETRY: "no" };
  return run(python, [join(import.meta.dirname, "docs-commands", "parse_az.py"), ...args], { cwd: work, env });
}

function runOci(args: readonly string[], how: Row["how"]): Promise<Ran> {
  const env = { ...base(), OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING: "True", SUPPRESS_LABEL_WARNING: "True" };
  const endpoint = how === "emulator" ? servers.oci : ociNotes.url;
  // It asks before it replaces tags, as it does for the reader.
  return run(cli("oci"), ["--endpoint", endpoint, ...args], { cwd: work, env, input: "y\n" });
}

function runGcloud(args: readonly string[]): Promise<Ran> {
  const apis = ["compute/compute/v1/", "iam/", "cloudresourcemanager/", "serviceusage/"].map((path) => {
    const name = path.split("/")[0] ?? "";
    return [
      `CLOUDSDK_API_ENDPOINT_OVERRIDES_${name.toUpperCase()}`,
      `${google.url}/${path.replace("compute/", "")}`,
    ] as const;
  });
  const settings = {
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
    CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    CLOUDSDK_CONFIG: join(work, ".gcloud"),
    CLOUDSDK_CORE_PROJECT: "acme-network",
  };
  return run(cli("gcloud"), args, { cwd: work, env: { ...base(), ...Object.fromEntries(apis), ...settings } });
}

function runHcloud(args: readonly string[]): Promise<Ran> {
  const env = { ...base(), HCLOUD_ENDPOINT: hcloud.url, HCLOUD_TOKEN: TOKEN };
  return run(cli("hcloud"), args, { cwd: work, env });
}

function runCurl(args: readonly string[]): Promise<Ran> {
  const here = args.map((arg) => arg.replace("https://api.hetzner.cloud/v1", hcloud.url));
  return run("curl", here, { cwd: work, env: base() });
}

function tried([name = "", ...args]: readonly string[], how: Row["how"]): Promise<Ran> {
  switch (name) {
    case "aws":
      return runAws(args, how);
    case "az":
      return runAz(args);
    case "oci":
      return runOci(args, how);
    case "gcloud":
      return runGcloud(args);
    case "hcloud":
      return runHcloud(args);
    case "curl":
      return runCurl(args);
    default:
      throw new Error(`nothing runs ${name}`);
  }
}

/** How command lines tell that they do not know a command, an option or a value. */
const unknown =
  /unrecognized arguments|invalid choice|no such (?:option|command)|unknown (?:flag|command|options?|shorthand)|is misspelled|not in .* command group/i;
/** How they tell that something else has to be given too, which a command in prose leaves out. */
const incomplete = /required|must be specified|missing option|accepts? \d|at least one|expected at least|usage:/i;

const isMissing = (name: string) => ["gcloud", "hcloud"].includes(name) && cli(name) === "";
const requestsTo = () => google.taken.length + ociNotes.taken.length + hcloud.taken.length;

describe("the commands of docs/clouds", () => {
  it("fit exactly one row each, and no row is without one", () => {
    const wrong = recorded.filter(({ argv }) => rowsFor(argv).length !== 1);
    const idle = rows.filter(({ match }) => !recorded.some(({ argv }) => match.test(lineOf(argv))));

    expect(wrong.map(({ document, argv }) => `${document}: ${lineOf(argv)}`)).toEqual([]);
    expect(idle.map(({ match }) => match.source)).toEqual([]);
  });

  it("are in every document", () => {
    expect([...new Set(recorded.map(({ document }) => document))]).toEqual(documents);
  });
});

const byHow = (how: readonly Row["how"][]): readonly (Recorded & { readonly row: Row; readonly name: string })[] =>
  recorded.flatMap(({ document, argv }) =>
    rowsFor(argv)
      .filter((row) => how.includes(row.how))
      .map((row) => ({ document, argv, row, name: title(argv) })),
  );

describe("is carried out, by the vendor's command line", () => {
  it.each(byHow(["emulator", "moto"]))("$document ($row.how): $name", async ({ argv, row }) => {
    const { status, output } = await tried(argv, row.how);

    expect({ status, output: status === 0 ? "" : output }).toEqual({ status: 0, output: "" });
  });

  it("and changes what it says", () => {
    expect(ec2.dump().regions[0]?.interfaces[0]?.sourceDestCheck).toBe(false);
    expect(oci.dump().vnics[0]).toMatchObject({
      skipSourceDestCheck: true,
      freeformTags: { "pointsman-host": "HOST_ID" },
    });
  });
});

describe("is taken by the vendor's command line, and not carried out", () => {
  it.each(byHow(["sent", "parsed"]))("$document ($row.how; $row.why): $name", async ({ argv, row }) => {
    if (isMissing(argv[0] ?? "")) return expect(argv[0]).toMatch(/^(?:gcloud|hcloud)$/);
    const before = requestsTo();

    const { status, output } = await tried(argv, row.how);

    expect(output).not.toMatch(unknown);
    if (argv[0] === "gcloud") expect([output, status !== 2]).toEqual([output, true]);
    else expect({ status, output: status === 0 ? "" : output }).toEqual({ status: 0, output: "" });
    if (row.how === "sent" && argv[1] !== "config") expect([output, requestsTo() > before]).toEqual([output, true]);
  });

  const prose = documents.flatMap((document) => commandsInProse(document).map((line) => ({ document, line })));
  it.each(prose)("$document (named in prose): $line", async ({ line }) => {
    const argv = line.split(" ");
    if (isMissing(argv[0] ?? "")) return expect(argv[0]).toMatch(/^(?:gcloud|hcloud)$/);

    const { status, output } = await tried(argv, argv[0] === "aws" ? "parsed" : "sent");

    expect(output).not.toMatch(unknown);
    if (status !== 0 && argv[0] !== "gcloud") expect(output).toMatch(incomplete);
  });
});

describe("an option that nobody has", () => {
  const inventions = [
    "aws ec2 modify-network-interface-attribute --network-interface-id eni-0a1b2c3d --forward-everything",
    "az network nic update -g rg -n nic --forward-everything true",
    "oci network vnic update --vnic-id ocid1.vnic.oc1.phx.a --forward-everything true",
    "gcloud compute instances create link-1 --zone europe-west1-b --forward-everything",
    "hcloud server add-label link-1 a=b --forward-everything",
  ];
  it.each(inventions)("is found out: %s", async (line) => {
    const argv = line.split(" ");
    if (isMissing(argv[0] ?? "")) return expect(argv[0]).toMatch(/^(?:gcloud|hcloud)$/);

    const { status, output } = await tried(argv, argv[0] === "aws" ? "parsed" : "sent");

    expect(output).toMatch(unknown);
    expect(status).not.toBe(0);
  });
});

describe("is not tried here", () => {
  it.each(byHow(["not here"]))("$document: $name ($row.why)", ({ row }) => {
    expect(row.why).not.toBe("");
  });
});
