import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, afterEach, expect, inject, vi } from "vitest";
import { handInSecrets, leaksOfThisFile, noteError, noteOutput, registerSecret } from "./watch.ts";

/**
 * Runs before every test file. Registers each secret that comes out of the product's own derivation, each new master key
 * and token, and each token that the admin API took; notes what is printed, logged, stored, queued, thrown and answered;
 * and fails the file in which the one is found in the other. Nothing of the product is changed: its modules are wrapped
 * as they are imported.
 *
 * What is meant to hold a secret is left out: the answers of host-uri and of device with secrets, sealed answers to hosts, and what the commands
 * print that hand out a secret.
 */

type Fn = (...args: never[]) => unknown;
type Logs = Readonly<Record<string, (message: string, fields?: object) => void>>;

/** An object whose members are looked at, or replaced, as they are asked for. */
function seen<T extends object>(object: T, look: (name: string, member: unknown) => unknown): T {
  return new Proxy(object, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      return typeof name === "string" ? look(name, member) : member;
    },
  });
}

/** A function that notes what it was given, and what it throws. */
function noting(where: string, object: object, call: Fn): Fn {
  return (...args) => {
    noteOutput(where, args);
    return Reflect.apply(call, object, args) as unknown;
  };
}

const allNoted = <T extends object>(where: string, object: T): T =>
  seen(object, (name, member) =>
    typeof member === "function" ? noting(`${where}.${name}`, object, member as Fn) : member,
  );

/** What a function stands on, with its log and queues noted. */
function watched<T extends object>(of: string, deps: T): T {
  return seen(deps, (name, member) => {
    if (name === "log") return allNoted(`log of ${of}`, member as Logs);
    if (name !== "swapQueue" && name !== "tickQueue") return member;
    const open = member as () => Promise<object>;
    return async () => allNoted(`${name} of ${of}`, await open());
  });
}

async function errorsNoted<T>(of: string, run: () => T): Promise<Awaited<T>> {
  try {
    return await run();
  } catch (error) {
    noteError(`error of ${of}`, error);
    throw error;
  }
}

vi.mock("../../shared/protocol/keys.ts", async (original) => {
  const real = await original<typeof import("../../shared/protocol/keys.ts")>();
  const registering =
    <A extends readonly unknown[]>(derive: (key: Uint8Array, ...rest: A) => string) =>
    (key: Uint8Array, ...rest: A) => {
      const secret = derive(key, ...rest);
      registerSecret(key);
      registerSecret(secret);
      return secret;
    };
  return { ...real, hostSecret: registering(real.hostSecret), pairKey: registering(real.pairKey) };
});

vi.mock("../../cli/secret-store/secret-store.ts", async (original) => {
  const real = await original<typeof import("../../cli/secret-store/secret-store.ts")>();
  const registering = (make: typeof real.newToken) => (random: Parameters<typeof real.newToken>[0]) => {
    const secret = make(random);
    registerSecret(secret);
    return secret;
  };
  return { ...real, newMasterKey: registering(real.newMasterKey), newToken: registering(real.newToken) };
});

vi.mock("../../shared/store/store.ts", async (original) => {
  const real = await original<typeof import("../../shared/store/store.ts")>();
  const openStore: typeof real.openStore = (...args) => {
    const store = real.openStore(...args);
    const isRead = /^(?:read|known)/;
    const wrapped = Object.entries(store).map(
      ([name, call]) => [name, isRead.test(name) ? call : noting(`store.${name}`, store, call)] as const,
    );
    return { ...store, ...Object.fromEntries(wrapped) };
  };
  return { ...real, openStore };
});

vi.mock("../../functions/admin/admin.ts", async (original) => {
  const real = await original<typeof import("../../functions/admin/admin.ts")>();
  const createAdmin: typeof real.createAdmin = (deps) => {
    const admin = real.createAdmin(watched("admin", deps));
    return async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const answer = await admin(request);
      const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
      if (![401, 429, 503].includes(answer.status)) registerSecret(token);
      const isAskedForKeys = pathname.includes("/device/") && searchParams.get("secrets") === "true";
      if (!(pathname.includes("/host-uri/") || isAskedForKeys) || answer.status !== 200) {
        noteOutput(`admin answer to ${request.method} ${pathname}`, await answer.clone().text());
        noteOutput("admin answer's headers", [...answer.headers]);
      }
      return answer;
    };
  };
  return { ...real, createAdmin };
});

vi.mock("../../functions/heartbeat/heartbeat.ts", async (original) => {
  const real = await original<typeof import("../../functions/heartbeat/heartbeat.ts")>();
  const createHeartbeat: typeof real.createHeartbeat = (deps) => {
    const handle = real.createHeartbeat(watched("heartbeat", deps));
    return async (request) => {
      const answer = await handle(request);
      if (answer.headers["Content-Type"] !== "application/base64") noteOutput("heartbeat answer", answer.body);
      return answer;
    };
  };
  return { ...real, createHeartbeat };
});

vi.mock("../../functions/failover/failover.ts", async (original) => {
  const real = await original<typeof import("../../functions/failover/failover.ts")>();
  const createFailover: typeof real.createFailover = (deps) => {
    const failover = real.createFailover(watched("failover", deps));
    return seen(failover, (_name, member) =>
      typeof member === "function"
        ? (...args: never[]) => errorsNoted("failover", () => Reflect.apply(member as Fn, failover, args))
        : member,
    );
  };
  return { ...real, createFailover };
});

vi.mock("../../functions/routes/swap.ts", async (original) => {
  const real = await original<typeof import("../../functions/routes/swap.ts")>();
  const createSwapper: typeof real.createSwapper = (deps) => {
    const swap = real.createSwapper(watched("routes", deps));
    return (wake) => errorsNoted("routes", () => swap(wake));
  };
  return { ...real, createSwapper };
});

vi.mock("../../cli/main.ts", async (original) => {
  const real = await original<typeof import("../../cli/main.ts")>();
  const handsOut = /\b(?:init|rotate token|host uri)\b|--secrets\b/;
  const main: typeof real.main = (argv, world) => {
    if (world === undefined || handsOut.test(argv.join(" "))) return real.main(argv, world);
    const io = allNoted(`printed by ${argv.slice(0, 2).join(" ")}`, world.io);
    return real.main(argv, { ...world, io });
  };
  return { ...real, main };
});

const restorers: (() => void)[] = [];
for (const name of ["stdout", "stderr"] as const) {
  const stream = process[name];
  const write = stream.write;
  stream.write = ((...args: Parameters<typeof write>) => {
    noteOutput(name, typeof args[0] === "string" ? args[0] : Buffer.from(args[0]).toString("utf8"));
    return write.apply(stream, args);
  }) as typeof write;
  restorers.push(() => {
    stream.write = write;
  });
}
const terminal = console;
for (const name of ["debug", "error", "info", "log", "trace", "warn"] as const) {
  const print = terminal[name];
  terminal[name] = (...args: unknown[]) => {
    for (const arg of args) {
      if (arg instanceof Error) noteError("console", arg);
      else noteOutput("console", textOf(arg));
    }
    print(...args);
  };
  restorers.push(() => {
    terminal[name] = print;
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}

afterEach(({ task }) => {
  noteOutput("name of a test", expect.getState().currentTestName ?? "");
  noteOutput("failure of a test", task.result?.errors ?? []);
});

afterAll(() => {
  for (const restore of restorers) restore();
  handInSecrets(join(inject("leakFolder"), `${process.pid}-${randomUUID()}`));
  expect(leaksOfThisFile(), `${expect.getState().testPath ?? ""} let a secret out`).toEqual([]);
});
