import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { startSchedule } from "../../serve/schedule.ts";
import { limits } from "../../shared/domain/limits.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { jsonLog } from "../../shared/platform/json-log.ts";
import { createCloudTasksEmulator } from "../emulators/cloud-tasks/emulator.ts";
import { serveEmulator } from "../emulators/common/http-server.ts";
import { serveGoogleMetadata, unsignedIdentityToken } from "../emulators/google-metadata/server.ts";
import { googleEnvironment, queues } from "./google-environment.ts";
import { serveInside, serveOutside } from "./google-services.ts";
import { type PlatformMessage, PlatformSettings } from "./types.ts";

/** What deploy/gcp/queues.tf says. */
const retry = { maxAttempts: 3, minBackoffMs: 1_000, maxBackoffMs: 10_000 };
const account = "100000000000000000001";
const names = ["heartbeat", "admin", "failover", "ticks", "routes"] as const;

/**
 * Google Cloud in this process: the functions behind the real functions-framework, and stand-ins for Cloud Tasks, the
 * metadata server and Cloud Scheduler. Whoever started it sends the settings once, and ends it by ending the process.
 */
async function start(settings: PlatformSettings): Promise<number> {
  const servers = new Map<string, Server>();
  const inside = await serveInside(servers);
  const metadata = await serveGoogleMetadata({ identity: (audience) => unsignedIdentityToken(account, audience) });
  const emulator = createCloudTasksEmulator({
    clock: systemClock,
    queues: { [`${queues}/pointsman-swaps`]: retry, [`${queues}/pointsman-ticks`]: retry },
  });
  const tasks = await serveEmulator((request) => emulator.handle(request));
  const addresses = { metadataUrl: metadata.url, tasksUrl: tasks.url, functionsUrl: inside.url };
  Object.assign(process.env, googleEnvironment(settings, addresses));
  await import("../../functions/google.ts");
  for (const name of names) servers.set(name, getTestServer(name));
  const outside = await serveOutside(servers, settings);
  startSchedule({ clock: systemClock, log: jsonLog }, limits.sweepMs, () => sweep(`${inside.url}/failover`));
  return (outside.address() as AddressInfo).port;
}

/** Cloud Scheduler's message, as Pub/Sub's trigger delivers it. */
async function sweep(url: string): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "ce-id": randomUUID(),
      "ce-source": "//pubsub.googleapis.com/projects/pointsman-local/topics/pointsman-sweep",
      "ce-specversion": "1.0",
      "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
      "ce-time": new Date(systemClock.nowMs()).toISOString(),
    },
    body: JSON.stringify({ message: { data: "" } }),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the sweep was answered ${answer.status}`);
}

const tell = (message: PlatformMessage) => process.send?.(message);

process.once("disconnect", () => process.exit(0));
process.once("message", (settings) => {
  start(PlatformSettings.parse(settings)).then(
    (port) => tell({ kind: "ready", port }),
    (error: unknown) => tell({ kind: "failed", reason: error instanceof Error ? error.message : String(error) }),
  );
});
