import { once } from "node:events";
import { request } from "node:https";
import { connect } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { makeCertificate } from "../../serve/http/certificate.ts";
import { type HttpServer, type Service, startHttpServer } from "../../serve/http/server.ts";
import { silentLog } from "../dev/fake-endpoint.ts";

let server: HttpServer | undefined;
afterEach(async () => server?.stop());

async function serve(handle: Service["handle"], method = "PUT") {
  const certificate = await makeCertificate(Date.now());
  const started = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    certificate,
    log: silentLog,
    route: (path) => (path === "/here" ? { handle, maxBodyBytes: 1_000 } : undefined),
  });
  server = started;
  return (path: string, body?: string): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        { host: "127.0.0.1", port: started.port, path, method, ca: certificate.cert, agent: false },
        (incoming) => {
          let text = "";
          incoming.on("data", (chunk: Buffer) => {
            text += chunk.toString();
          });
          incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body: text }));
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
}

describe("the local HTTPS server", () => {
  it("passes a request to the handler of its path and answers 404 elsewhere", async () => {
    const send = await serve(async (asked) => new Response(`${asked.method} ${await asked.text()}`, { status: 201 }));

    expect(await send("/here", "body")).toEqual({ status: 201, body: "PUT body" });
    expect((await send("/there")).status).toBe(404);
  });

  it("refuses a body that is too long without asking the handler", async () => {
    let asked = 0;
    const send = await serve(async () => {
      asked += 1;
      return new Response();
    });

    expect((await send("/here", "x".repeat(1_000))).status).toBe(200);
    expect((await send("/here", "x".repeat(1_001))).status).toBe(413);
    expect((await send("/here", "x".repeat(1_000_000))).status).toBe(413);
    expect(asked).toBe(1);
  });

  it("answers 500 without a word of why when a handler throws", async () => {
    const send = await serve(async () => {
      throw new Error("private");
    });

    expect(await send("/here")).toEqual({ status: 500, body: "{}" });
  });

  it("lets an answer under way end before it stops", async () => {
    const send = await serve(async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return new Response("done");
    });

    const answer = send("/here");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server?.stop();

    expect((await answer).body).toBe("done");
  });

  it("shows a renewed certificate to whoever connects from then on", async () => {
    await serve(async () => new Response());
    const renewed = await makeCertificate(Date.now(), ["renewed.example"]);
    server?.renew(renewed);

    const socket = connect({ host: "127.0.0.1", port: server?.port, ca: renewed.cert, servername: "renewed.example" });
    await once(socket, "secureConnect");
    const shown = socket.getPeerX509Certificate()?.subjectAltName;
    socket.destroy();

    expect(shown).toContain("renewed.example");
  });

  it("answers 400 to what no request can hold", async () => {
    const send = await serve(async () => new Response(), "GET");

    expect((await send("/here", "a body where none belongs")).status).toBe(400);
  });

  it("serves plain HTTP without a certificate, and closes kept connections when it stops", async () => {
    const plain = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      certificate: undefined,
      log: silentLog,
      route: () => ({ handle: async () => new Response("ok"), maxBodyBytes: 0 }),
    });

    const answer = await fetch(`http://127.0.0.1:${plain.port}/`);
    expect(await answer.text()).toBe("ok");
    await plain.stop(60_000);

    await expect(fetch(`http://127.0.0.1:${plain.port}/`)).rejects.toThrow();
  });
});
