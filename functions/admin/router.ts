import type { AdminDeps } from "./deps.ts";
import type { Answer } from "./http.ts";
import { Refusal } from "./refusal.ts";

/** One request that passed the guard. */
export type Call = {
  readonly deps: AdminDeps;
  readonly request: Request;
  readonly query: URLSearchParams;
  readonly by: `operator ${string}`;
  /** A parameter of the path, decoded. */
  readonly param: (name: string) => string;
};

/** One line of the table of routes. A segment of `path` in braces is a parameter. */
export type RouteLine = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly handle: (call: Call) => Promise<Answer>;
};

type Match = { readonly line: RouteLine; readonly params: ReadonlyMap<string, string> };

/** Finds the line for a request. Throws `Refusal` 404 for an unknown path and 405 for a wrong method on a known one. */
export function matchRoute(lines: readonly RouteLine[], method: string, pathname: string): Match {
  const segments = segmentsOf(pathname);
  const matches = lines.flatMap((line) => {
    const params = paramsOf(line.path, segments);
    return params === undefined ? [] : [{ line, params }];
  });
  const match = matches.find(({ line }) => line.method === method);
  if (match !== undefined) return match;
  if (matches.length > 0) {
    const allow = matches.map(({ line }) => line.method).join(", ");
    throw new Refusal(405, "method-not-allowed", `this path takes ${allow}`, {
      next: "use the other method",
      headers: { allow },
    });
  }
  throw new Refusal(404, "not-found", "there is nothing at this path", {
    next: "the paths are listed in docs/cli.md, under /admin/v1",
  });
}

function segmentsOf(pathname: string): readonly string[] {
  try {
    return pathname.split("/").map(decodeURIComponent);
  } catch {
    return [];
  }
}

function paramsOf(path: string, segments: readonly string[]): ReadonlyMap<string, string> | undefined {
  const pattern = path.split("/");
  if (pattern.length !== segments.length) return undefined;
  const params = new Map<string, string>();
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] ?? "";
    if (part.startsWith("{")) params.set(part.slice(1, -1), segment);
    else if (part !== segment) return undefined;
  }
  return params;
}
