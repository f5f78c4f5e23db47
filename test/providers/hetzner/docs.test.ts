import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHetznerEmulator } from "../../../dev/emulators/hetzner/emulator.ts";
import { serveHetzner } from "../../../dev/emulators/hetzner/server.ts";
import { limits } from "../../../shared/domain/limits.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { HOME, seedOf, TOKEN } from "./emulated-world.ts";

const page = readFileSync(new URL("../../../docs/clouds/hetzner.md", import.meta.url), "utf8");
const reads = [...page.matchAll(/^curl .*"\$API(\/[^"]+)"/gm)].map((match) => match[1] ?? "");

describe("docs/clouds/hetzner.md", () => {
  const emulator = createHetznerEmulator({ clock: systemClock, world: seedOf() });
  let server: Awaited<ReturnType<typeof serveHetzner>>;
  beforeAll(async () => {
    server = await serveHetzner(emulator);
  });
  afterAll(() => server.close());

  it.each(reads)("asks the API for something that it has: %s", async (path) => {
    const url = `${server.url}${path.replace("$NETWORK", String(HOME))}`;

    const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });

    expect(response.status).toBe(200);
  });

  it("says how long a half-finished swap is worked on", () => {
    expect(page).toContain(`within ${limits.hetznerFinishMs / 1_000} s`);
  });
});
