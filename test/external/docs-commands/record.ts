import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { documents, root, scriptOf } from "./documents.ts";

/** One program as the shell started it from a document. */
export type Recorded = { readonly document: string; readonly argv: readonly string[] };

/** Programs that are only noted down; what they are given is looked at afterwards. */
const noted = ["aws", "az", "oci", "gcloud", "hcloud", "curl", "ssh", "ip"];
/** Programs of every machine, which do what they are told while the documents are read. */
const local = ["openssl", "jq", "sed", "rm"];

/** What programs print whose output a document goes on with. */
const outputs: readonly (readonly [pattern: string, output: string])[] = [
  [
    "^az network nic show ",
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/nic-link-1",
  ],
  ["^az ad app create ", "6731de76-14a6-49ae-97bc-6eba6914391e"],
  ["^oci iam (user|group) list ", "ocid1.user.oc1..aaaa"],
  ["^oci iam user api-key upload ", "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"],
  ["^gcloud projects describe ", "123456789012"],
  ["^curl ", '{"network":{},"servers":[],"actions":[]}'],
];

/** What the documents leave to the reader. */
const chosen = { PEERS: "198.51.100.7/32", VNIC: "ocid1.vnic.oc1.phx.a", SUBNET: "ocid1.subnet.oc1.phx.near" };

/**
 * Runs the shell blocks of every document as they stand, in a folder with the repository's policies. The programs of the
 * vendors are noted down, with their arguments as the shell made them. Throws where a line fails, uses a variable that is
 * set nowhere, or needs a program that is named nowhere here.
 */
export function recordCommands(): readonly Recorded[] {
  const folder = mkdtempSync(join(tmpdir(), "pointsman-docs-"));
  try {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    for (const name of noted) writeFileSync(join(bin, name), noteDown(name, join(folder, "log")), { mode: 0o755 });
    for (const name of local) symlinkSync(which(name), join(bin, name));
    return documents.flatMap((document) => {
      const work = join(folder, document);
      cpSync(join(root, "deploy"), join(work, "deploy"), { recursive: true });
      writeFileSync(join(work, "link-1.yaml"), "name: link-1\ncanIpForward: false\n");
      writeFileSync(join(folder, "log"), "");
      const ran = spawnSync("/bin/bash", ["-euo", "pipefail", "-c", scriptOf(document)], {
        cwd: work,
        env: { PATH: bin, HOME: folder, ...chosen },
        input: "token-of-the-reader\n",
        encoding: "utf8",
      });
      if (ran.status !== 0) throw new Error(`docs/clouds/${document} does not run:\n${ran.stderr}`);
      const lines = readFileSync(join(folder, "log"), "utf8").split("\n").filter(Boolean);
      return lines.map((line) => ({ document, argv: JSON.parse(line) as string[] }));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function noteDown(name: string, log: string): string {
  return [
    `#!${process.execPath}`,
    `const argv = [${JSON.stringify(name)}, ...process.argv.slice(2)];`,
    `require("node:fs").appendFileSync(${JSON.stringify(log)}, JSON.stringify(argv) + "\\n");`,
    `const found = ${JSON.stringify(outputs)}.find(([pattern]) => new RegExp(pattern).test(argv.join(" ")));`,
    "if (found) console.log(found[1]);",
  ].join("\n");
}

function which(name: string): string {
  const found = spawnSync("which", [name], { encoding: "utf8" });
  if (found.status !== 0) throw new Error(`${name} is missing on this machine`);
  return found.stdout.trim();
}
