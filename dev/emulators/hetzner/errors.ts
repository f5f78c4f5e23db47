/** What the API answers instead of a result: an HTTP status, and a code and message in the body. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly details: unknown;

  constructor(status: number, code: string, message: string, details?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Status of each error code of the documentation. */
const STATUS: Readonly<Record<string, number>> = {
  conflict: 409,
  forbidden: 403,
  invalid_input: 422,
  json_error: 400,
  locked: 423,
  maintenance: 503,
  method_not_allowed: 405,
  not_found: 404,
  protected: 423,
  rate_limit_exceeded: 429,
  resource_limit_exceeded: 403,
  resource_unavailable: 503,
  server_error: 500,
  service_error: 500,
  token_readonly: 403,
  unauthorized: 401,
  unavailable: 503,
};

export function apiError(code: string, message: string, status = STATUS[code] ?? 400): ApiError {
  return new ApiError(status, code, message);
}

/** A field that the API does not know, or whose value it does not take. */
export function invalidField(name: string, message: string): ApiError {
  const details = { fields: [{ name, messages: [message] }] };
  return new ApiError(422, "invalid_input", `invalid input in field '${name}': ${message}`, details);
}
