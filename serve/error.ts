/** Why a server cannot be started: the command line, something on this machine, or the database. */
type Kind = "usage" | "failed" | "unreachable";

/** A server cannot be started: what is wrong, naming option or file, and what to do. Never holds a secret. */
export class ServeError extends Error {
  override readonly name = "ServeError";
  readonly kind: Kind;
  readonly next: string;

  constructor(kind: Kind, message: string, options: { readonly next: string; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.next = options.next;
  }
}

/** An option has a value that it cannot have, or does not go with another. */
export function wrongOption(message: string, next: string): ServeError {
  return new ServeError("usage", message, { next });
}
