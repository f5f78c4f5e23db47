export type ExportErrorCode = "cipher-unsupported" | "ciphers-unset" | "family-unsupported" | "nothing-in-common";

/** A device cannot be configured as its link asks for: why, and what a person can do. */
export class ExportError extends Error {
  override readonly name = "ExportError";
  readonly code: ExportErrorCode;
  readonly next: string;

  constructor(code: ExportErrorCode, message: string, next: string) {
    super(message);
    this.code = code;
    this.next = next;
  }
}
