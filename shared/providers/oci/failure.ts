/** An answer of OCI that is no success: HTTP status, OCI's own code, such as `IncorrectState`, and its message. */
export class OciFailure extends Error {
  override readonly name = "OciFailure";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Whether an error, or what caused it, is an answer of OCI with this status. */
export function isAnswer(error: unknown, status: number): boolean {
  if (error instanceof OciFailure) return error.status === status;
  return error instanceof Error && error.cause instanceof OciFailure && error.cause.status === status;
}
