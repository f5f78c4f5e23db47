/** What Azure Resource Manager answers instead of a result. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | undefined;

  constructor(status: number, code: string, message: string, retryAfterS?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

export const notFound = (id: string) =>
  new ApiError(
    404,
    "ResourceNotFound",
    `The Resource '${id}' was not found. For more details see https://aka.ms/ARMResourceNotFoundFix`,
  );

export const invalid = (code: string, message: string) => new ApiError(400, code, message);

export const throttled = (retryAfterS = 1) =>
  new ApiError(
    429,
    "SubscriptionRequestsThrottled",
    `Number of requests exceeded the limit. Please try again after '${retryAfterS}' seconds.`,
    retryAfterS,
  );

export const locked = (operationUrl: string) =>
  new ApiError(
    429,
    "AnotherOperationInProgress",
    `Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: ${operationUrl}.`,
  );

export const denied = (action: string, scope: string) =>
  new ApiError(
    403,
    "AuthorizationFailed",
    `The client 'c0' with object id 'c0' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid.`,
  );

export const internalError = () => new ApiError(500, "InternalServerError", "An error occurred.");

export const noToken = () =>
  new ApiError(
    401,
    "AuthenticationFailedMissingToken",
    "Authentication failed. The 'Authorization' header is missing.",
  );

export const badToken = () =>
  new ApiError(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than the current one.");

/** Azure's form of an error. */
export function errorBody({ code, message }: ApiError): unknown {
  return { error: { code, message, details: [] } };
}
