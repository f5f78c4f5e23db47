/**
 * A request and an answer as plain data: what a function's core needs, without the streams of the web's Request and
 * Response, which cost more than all the rest of a heartbeat.
 */
export type PlainRequest = {
  readonly method: string;
  /** The path alone, as it came. */
  readonly path: string;
  /** Header names are lower-case. */
  readonly headers: { get(name: string): string | null | undefined };
  /** The body as text; undefined when it is larger than the core takes. */
  readonly body: string | undefined;
};

export type PlainAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type PlainHandler = (request: PlainRequest) => Promise<PlainAnswer>;

/** A JSON answer that is not to be cached. */
export function jsonAnswer(status: number, value: object, headers: Readonly<Record<string, string>> = {}): PlainAnswer {
  return {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", ...headers },
    body: JSON.stringify(value),
  };
}

/** Serves a plain handler as one of the web's Request and Response. Bodies above `maxBodyBytes` are not read whole. */
export function webHandler(handle: PlainHandler, maxBodyBytes: number): (request: Request) => Promise<Response> {
  return async (request) => {
    const answer = await handle({
      method: request.method,
      path: new URL(request.url).pathname,
      headers: request.headers,
      body: await readBody(request, maxBodyBytes),
    });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  };
}

/** What a body is read of: a web request, or what a platform has in its place. */
type Incoming = {
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
};

/** The body as text; undefined, without reading on, when it has more than `maxBodyBytes`. */
export async function readBody(request: Incoming, maxBodyBytes: number): Promise<string | undefined> {
  const bytes = await readBytes(request, maxBodyBytes);
  return bytes?.toString("utf8");
}

/** The body as bytes; undefined, without reading on, when it has more than `maxBodyBytes`. */
export async function readBytes(request: Incoming, maxBodyBytes: number): Promise<Buffer<ArrayBuffer> | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) return undefined;
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
