// Installs the locked dependencies when they are missing or older than the lockfile, so that `npm start` and
// `npm test` work as the first command in a fresh clone.
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`pointsman: Node ${process.versions.node} is too old: install Node 20.19 or newer`);
  process.exit(1);
}

const marker = join(root, "node_modules", ".package-lock.json");
const isCurrent = existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
if (!isCurrent) {
  const beganMs = Date.now();
  const tell = () => {
    const seconds = Math.round((Date.now() - beganMs) / 1000);
    console.error(`pointsman: installing dependencies (npm install), about a minute … ${seconds} s`);
  };
  tell();
  const telling = setInterval(tell, 5_000);
  const status = await install();
  clearInterval(telling);
  if (status !== 0) {
    console.error("pointsman: npm install failed: see the lines above; check the network and run the command again");
    process.exit(status);
  }
}

/** Installs what the lockfile says and resolves with npm's exit code. */
function install() {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  // Not `npm ci`: it refuses a lockfile without the binaries of platforms that a registry mirror does not carry.
  const run = spawn(npm, ["install", "--no-save", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  return new Promise((resolve) => {
    run.on("error", (error) => {
      console.error(`pointsman: npm cannot be run: ${error.message}`);
      resolve(1);
    });
    run.on("exit", (code) => resolve(code ?? 1));
  });
}
