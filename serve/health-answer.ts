import type { HealthReport } from "./health.ts";

/**
 * Answers `/healthz`: 200 `ok`, or 503 with the parts that fail; `?verbose` gives the whole report as JSON under the same
 * status.
 */
export function answerHealth(request: Request, report: HealthReport, details: { readonly version: string }): Response {
  const headers = { "Cache-Control": "no-store" };
  const status = report.ok ? 200 : 503;
  if (new URL(request.url).searchParams.has("verbose")) {
    return Response.json({ ...report, ...details }, { status, headers });
  }
  return new Response(report.ok ? "ok\n" : `failing: ${report.failing.join(", ")}\n`, { status, headers });
}
