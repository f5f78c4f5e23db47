/** US dollars at the published prices of us-east-1, as read on 2026-11-24; free tiers are not counted. */
export const prices = {
  date: "2026-11-24",
  lambdaPerMillion: 0.2,
  lambdaArmPerGbS: 0.0000133334,
  writePerMillion: 0.625,
  readPerMillion: 0.125,
  sqsPerMillion: 0.4,
  egressPerGb: 0.09,
  logsPerGb: 0.5,
} as const;

/** What is assumed where this machine cannot measure it. */
export const assumed = {
  /** One round trip from a function to DynamoDB. ms */
  databaseMs: 4,
  /** Memory of the heartbeat and of the failover function, as in serverless.yml. MB */
  heartbeatMb: 256,
  failoverMb: 512,
  /** Memory at which a function has one whole processor. MB; source: "Configure Lambda function memory". */
  wholeCpuMb: 1_769,
  /** Status line and headers that the endpoint adds to an answer. bytes */
  endpointHeaderBytes: 250,
  daysPerMonth: 30,
} as const;
