import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Certificate, makeCertificate } from "../../serve/http/certificate.ts";
import { certificateWarnings, readCertificate } from "../../serve/http/certificate-files.ts";
import { openTls } from "../../serve/http/tls.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { silentLog } from "../dev/fake-endpoint.ts";

const DAY_MS = 24 * 3_600_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pointsman-tls-"));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const files = () => ({ certPath: join(folder, "cert.pem"), keyPath: join(folder, "key.pem") });

async function put({ cert, key }: Certificate, changedS: number): Promise<void> {
  const { certPath, keyPath } = files();
  await writeFile(certPath, cert);
  await writeFile(keyPath, key);
  await utimes(certPath, changedS, changedS);
  await utimes(keyPath, changedS, changedS);
}

describe("the certificate of a server", () => {
  it("is read again when its files have changed, and kept when the new ones are of no use", async () => {
    const [first, second] = [await makeCertificate(Date.now()), await makeCertificate(Date.now())];
    await put(first, 1_000);
    const deps = { clock: systemClock, log: silentLog };
    const tls = await openTls({ tls: { kind: "files", ...files() }, host: undefined }, undefined, [], deps);
    const used: (string | undefined)[] = [tls.certificate?.cert];
    const use = (certificate: Certificate) => void used.push(certificate.cert);

    await tls.renew(use);
    await put({ cert: second.cert, key: first.key }, 2_000);
    await expect(tls.renew(use)).rejects.toThrow(/is no certificate with its key/);
    await put(second, 3_000);
    await tls.renew(use);
    await tls.renew(use);

    expect(used).toEqual([first.cert, second.cert]);
  });

  it("is warned of when it does not name an endpoint, or its end is near", async () => {
    const certificate = await makeCertificate(Date.now() - 10 * 365 * DAY_MS + 10 * DAY_MS, ["a.example", "10.0.0.5"]);
    const warnings = (names: readonly string[], inMs: number) =>
      certificateWarnings(certificate, names, Date.now() + inMs);

    expect(warnings(["a.example", "10.0.0.5", "::1"], -30 * DAY_MS)).toEqual([]);
    expect(warnings(["b.example", "10.0.0.6"], -30 * DAY_MS)).toEqual([
      "the certificate does not name b.example",
      "the certificate does not name 10.0.0.6",
    ]);
    expect(warnings([], 0)[0]).toMatch(/^the certificate ends on /);
    expect(warnings([], 11 * DAY_MS)[0]).toMatch(/^the certificate ended on /);
  });

  it("is refused with the name of the file that cannot be read", async () => {
    await expect(readCertificate(files())).rejects.toThrow(/--tls-cert .*cert.pem cannot be read: ENOENT/);
  });
});
