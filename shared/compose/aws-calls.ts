/**
 * How DynamoDB, SQS and SSM are called: a connection within 1 s, an answer within 3 s, two more tries with the SDK's
 * jittered back-off. Sockets are kept alive by the SDK's own agent. An agent gives a heartbeat 10 s.
 */
export const awsCalls = {
  maxAttempts: 3,
  retryMode: "standard",
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};
