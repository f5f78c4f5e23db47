import { InvocationContext, type Timer } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { azureQueue, azureTimer } from "../../shared/platform/azure-triggers.ts";
import { WakeMessage } from "../../shared/platform/queue-messages.ts";
import type { Wake } from "../../shared/ports/queues.ts";
import { recordingLog } from "./recording-log.ts";

const wake: Wake = { linkId: "l1", locationId: "a", cause: "decision", round: 0 };
const context = (triggerMetadata = {}) =>
  new InvocationContext({ triggerMetadata: { id: "m1", dequeueCount: 2, ...triggerMetadata } });
const timer = {} as Timer;

describe("messages of a storage queue", () => {
  it("reach the function as what was sent", async () => {
    const taken: Wake[] = [];
    const log = recordingLog();

    await azureQueue(WakeMessage, async (message) => void taken.push(message), log)(wake, context());

    expect(taken).toEqual([wake]);
    expect(log.lines).toEqual([]);
  });

  it.each(["{", 5, null, undefined, [], { ...wake, secret: "x" }, { ...wake, locationId: "a/b" }])(
    "that are not understood (%j) are logged and dropped",
    async (entry) => {
      const taken: Wake[] = [];
      const log = recordingLog();

      await azureQueue(WakeMessage, async (message) => void taken.push(message), log)(entry, context());

      expect(taken).toEqual([]);
      expect(log.lines).toMatchObject([{ level: "error", messageId: "m1" }]);
    },
  );

  it("that fail are logged with how often they came, and fail, so that they come again", async () => {
    const log = recordingLog();
    const fails = async () => {
      throw new Error("away: https://a.net/?sig=s3cret");
    };

    await expect(azureQueue(WakeMessage, fails, log)(wake, context())).rejects.toThrow("https://a.net/?[hidden]");

    expect(log.lines).toMatchObject([{ level: "error", messageId: "m1", dequeueCount: 2 }]);
  });

  it("are taken whatever the host tells of them", async () => {
    const taken: Wake[] = [];
    const handler = azureQueue(WakeMessage, async (message) => void taken.push(message), recordingLog());

    await handler(wake, new InvocationContext());
    await handler(wake, context({ id: 7, dequeueCount: "many" }));

    expect(taken).toHaveLength(2);
  });
});

describe("the timer", () => {
  it("runs the function, and lets the platform know what failed", async () => {
    const log = recordingLog();
    let runs = 0;
    await azureTimer(async () => void runs++, log)(timer, new InvocationContext());
    expect(runs).toBe(1);

    const failing = azureTimer(async () => Promise.reject(new Error("broken")), log);

    await expect(failing(timer, new InvocationContext())).rejects.toThrow("broken");
    expect(log.lines).toMatchObject([{ level: "error", message: "the function failed", error: "Error: broken" }]);
  });
});
