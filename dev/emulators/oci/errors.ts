/** What OCI answers instead of a result: HTTP status, its code, its message. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What is not there, and what is not for the caller, get the same answer. */
export const notFound = () =>
  new ApiError(404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found.");

export const invalid = (message: string) => new ApiError(400, "InvalidParameter", message);

export const throttled = () => new ApiError(429, "TooManyRequests", "Too many requests for the user.");

export const internalError = () => new ApiError(500, "InternalServerError", "An internal error occurred.");

export const notAuthenticated = () =>
  new ApiError(
    401,
    "NotAuthenticated",
    "The required information to complete authentication was not provided or was incorrect.",
  );

export const etagMismatch = () =>
  new ApiError(412, "NoEtagMatch", "The ETag provided in the request does not match the current ETag of the resource.");

export const incorrectState = (id: string, state: string) =>
  new ApiError(
    409,
    "IncorrectState",
    `The requested state for the resource conflicts with its current state: ${id} is ${state}`,
  );
