import { spawn } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the deploy files tell the functions of both platforms, with values that lead nowhere. */
const environment = {
  PATH: process.env["PATH"] ?? "",
  AWS_REGION: "eu-central-1",
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  POINTSMAN_TABLE: "pointsman-prod",
  POINTSMAN_AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/pointsman-prod-azure",
  POINTSMAN_AWS_AUDIENCE: "pointsman",
  POINTSMAN_MASTER_KEY_PARAMETER: "/pointsman/prod/master-key",
  POINTSMAN_ADMIN_TOKEN_HASH_PARAMETER: "/pointsman/prod/admin-token-hash",
  POINTSMAN_ENDPOINTS: "pointsman.example.com",
};

const azureEnvironment = {
  ...environment,
  POINTSMAN_QUEUE_URL: "http://127.0.0.1:9/",
  IDENTITY_ENDPOINT: "http://127.0.0.1:9/token",
  IDENTITY_HEADER: "header",
};

const googleEnvironment = {
  ...environment,
  POINTSMAN_TASKS_PROJECT: "acme",
  POINTSMAN_TASKS_LOCATION: "europe-west1",
  POINTSMAN_TASKS_ACCOUNT: "pointsman-tasks@acme.iam.gserviceaccount.com",
  POINTSMAN_FAILOVER_URL: "http://127.0.0.1:9",
  POINTSMAN_ROUTES_URL: "http://127.0.0.1:9",
};

/** Writes a package's files into a folder that has nothing else. */
export async function unpack(files: ReadonlyMap<string, Buffer>, folder: string): Promise<void> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

/**
 * Loads a package as the worker of Azure Functions does, which hands `@azure/functions-core` over by replacing `require`.
 * Resolves with what it registered: name, trigger, and what the trigger says.
 */
export async function loadedOnAzure(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const worker = `
    import Module from "node:module";
    import { pathToFileURL } from "node:url";
    const registered = {};
    const core = {
      version: "4.0.0",
      Disposable: class { dispose() {} },
      setProgrammingModel() {},
      registerHook() { return { dispose() {} }; },
      log() {},
      registerFunction(metadata) {
        const [trigger] = Object.values(metadata.bindings).filter((binding) => /Trigger$/i.test(binding.type));
        registered[metadata.name] = trigger;
        return { dispose() {} };
      },
    };
    const ordinary = Module.prototype.require;
    Module.prototype.require = function (id) {
      return id === "@azure/functions-core" ? core : ordinary.call(this, id);
    };
    await import(pathToFileURL(process.argv[1]));
    process.stdout.write(JSON.stringify(registered));
    process.exit(0);
  `;
  return JSON.parse(await outputOf(worker, await mainOf(folder), azureEnvironment)) as Record<string, unknown>;
}

/** The functions that a package registers with Google's framework, and their kind, by name. */
export async function loadedOnGoogle(
  folder: string,
  names: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const worker = `
    import { createRequire } from "node:module";
    import { pathToFileURL } from "node:url";
    const registry = ${JSON.stringify(join(frameworkFolder, "function_registry.js"))};
    await import(pathToFileURL(process.argv[1]));
    const { getRegisteredFunction } = createRequire(registry)(registry);
    const kinds = ${JSON.stringify(names)}.map((name) => [name, getRegisteredFunction(name)?.signatureType]);
    process.stdout.write(JSON.stringify(Object.fromEntries(kinds)));
    process.exit(0);
  `;
  return JSON.parse(await outputOf(worker, await mainOf(folder), googleEnvironment)) as Record<string, unknown>;
}

const frameworkFolder = join(root, "node_modules", "@google-cloud", "functions-framework", "build", "src");

/** Starts a package by the framework's own command, as the platform does, and asks it once. Resolves with the status. */
export async function askedOnGoogle(folder: string, target: string, path: string, init: RequestInit): Promise<number> {
  const port = await freePort();
  const args = [join(frameworkFolder, "main.js"), `--source=${folder}`, `--target=${target}`, `--port=${port}`];
  const child = spawn(process.execPath, args, { env: googleEnvironment, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    while (child.exitCode === null) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, init).catch(() => undefined);
      if (answer !== undefined) return answer.status;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the framework ended with ${child.exitCode}:\n${said}`);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

async function mainOf(folder: string): Promise<string> {
  const { default: description } = (await import(join(folder, "package.json"), { with: { type: "json" } })) as {
    readonly default: { readonly main: string };
  };
  return join(folder, description.main);
}

async function outputOf(script: string, argument: string, env: Readonly<Record<string, string>>): Promise<string> {
  const args = ["--input-type=module", "--eval", script, argument];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`the package did not load (${code}):\n${err}`);
  return out;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
