/** What EC2 or STS answers instead of a result. The status codes are those that EC2 documents for its error codes. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const missing = (parameter: string) =>
  new ApiError("MissingParameter", `The request must contain the parameter ${parameter}`);

export const invalidValue = (parameter: string, value: string, why: string) =>
  new ApiError("InvalidParameterValue", `Value (${value}) for parameter ${parameter} is invalid. ${why}`);

export const throttled = () => new ApiError("RequestLimitExceeded", "Request limit exceeded.", 503);

export const denied = () =>
  new ApiError("UnauthorizedOperation", "You are not authorized to perform this operation.", 403);

export const internalError = () => new ApiError("InternalError", "An internal error has occurred", 500);

export const dryRun = () =>
  new ApiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);

export const badCredentials = () =>
  new ApiError("AuthFailure", "AWS was not able to validate the provided access credentials", 401);
