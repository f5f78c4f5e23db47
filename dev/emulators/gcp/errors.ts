/** What Google answers instead of a result. `reason` is that of the first of its errors. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export const invalid = (field: string, value: unknown, why: string) =>
  new ApiError(400, "invalid", `Invalid value for field '${field}': '${String(value)}'. ${why}`);

export const missing = (path: string) => new ApiError(404, "notFound", `The resource '${path}' was not found`);

export const exists = (path: string) => new ApiError(409, "alreadyExists", `The resource '${path}' already exists`);

export const notReady = (path: string) => new ApiError(400, "resourceNotReady", `The resource '${path}' is not ready`);

export const throttled = (metric: string) =>
  new ApiError(
    403,
    "rateLimitExceeded",
    `Quota exceeded for quota metric '${metric}' and limit '${metric} per minute' of service 'compute.googleapis.com'.`,
  );

export const denied = (permission: string, path: string) =>
  new ApiError(403, "forbidden", `Required '${permission}' permission for '${path}'`);

export const internalError = () => new ApiError(503, "backendError", "Internal error. Please try again.");

export const noToken = () => new ApiError(401, "required", "Login Required.");
