import type { RouteErrorCode } from "../../domain/errors.ts";

/** Codes of Node (https://nodejs.org/api/errors.html) and of undici for a call that was not answered, in our words. */
export const networkCodes: Readonly<Record<string, RouteErrorCode>> = {
  AbortError: "TIMED_OUT",
  TimeoutError: "TIMED_OUT",
  ECONNRESET: "TIMED_OUT",
  EPIPE: "TIMED_OUT",
  ETIMEDOUT: "TIMED_OUT",
  UND_ERR_BODY_TIMEOUT: "TIMED_OUT",
  UND_ERR_HEADERS_TIMEOUT: "TIMED_OUT",
  UND_ERR_SOCKET: "TIMED_OUT",
  ECONNREFUSED: "UNREACHABLE",
  ENOTFOUND: "UNREACHABLE",
  EAI_AGAIN: "UNREACHABLE",
  EHOSTUNREACH: "UNREACHABLE",
  ENETUNREACH: "UNREACHABLE",
  UND_ERR_CONNECT_TIMEOUT: "UNREACHABLE",
};
