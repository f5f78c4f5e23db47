import type { Mistake } from "../../shared/domain/errors.ts";

/** Every reason that the admin API has for not doing what was asked. Codes are stable: scripts compare them. */
export type RefusalCode =
  | "unauthorised"
  | "too-many-failures"
  | "not-found"
  | "method-not-allowed"
  | "too-large"
  | "invalid-json"
  | "invalid-request"
  | "invalid-network"
  | "unknown-link"
  | "unknown-location"
  | "unknown-host"
  | "version-changed"
  | "lost-race"
  | "allow-remove-needed"
  | "nobody-else-available"
  | "link-paused"
  | "table-eventual"
  | "host-static"
  | "host-not-static"
  | "link-wireguard"
  | "address-unknown"
  | "address-shared"
  | "host-drained"
  | "host-unavailable"
  | "host-pinned"
  | "no-other-host"
  | "rotation-in-grace"
  | "no-cloud"
  | "no-doctor"
  | "queue-unavailable"
  | "too-many-locations"
  | "unknown-examination"
  | "nothing-to-adopt"
  | "endpoint-unknown"
  | "database-unavailable"
  | "not-set-up"
  | "internal";

/** A request is refused: the HTTP status, a stable code, what is wrong, and what a person should do next. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: RefusalCode;
  readonly next: string;
  readonly mistakes: readonly Mistake[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: RefusalCode,
    message: string,
    options: {
      next: string;
      mistakes?: readonly Mistake[];
      headers?: Readonly<Record<string, string>>;
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.next = options.next;
    this.mistakes = options.mistakes;
    this.headers = options.headers ?? {};
  }
}
