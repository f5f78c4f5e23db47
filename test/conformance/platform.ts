/** A request as a client sends it: `path` as it stands on the wire, `query` without its question mark. */
export type ConformanceRequest = {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

/** What the client gets back. Header names are lower-case; a platform's own headers (date, connection) do not matter. */
export type ConformanceAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What the platform makes of a run: it is done, or it failed, is counted, and a message comes again. */
export type Delivery = "done" | "again";

/** A message that a function gave to a queue of the platform: as the platform would deliver it, and after how long. */
export type Sent = { readonly queue: "swaps" | "ticks"; readonly message: unknown; readonly delayS: number };

/**
 * One platform, driven through its real framework and our real platform files, over the stand-ins that the suite put
 * into the environment. A queue's messages are texts, since what comes over a queue may be anything.
 */
export interface Platform {
  heartbeat(request: ConformanceRequest): Promise<ConformanceAnswer>;
  admin(request: ConformanceRequest): Promise<ConformanceAnswer>;
  /** The run of the schedule. */
  schedule(): Promise<Delivery>;
  tick(message: string): Promise<Delivery>;
  swap(message: string): Promise<Delivery>;
  /** What was sent since this was last asked, in any order. */
  sent(): readonly Sent[];
  stop(): Promise<void>;
}

/**
 * Opens a platform. `process.env` already holds what all platforms share: POINTSMAN_TABLE, AWS_REGION, the names of the
 * parameters, POINTSMAN_ENDPOINTS, POINTSMAN_AWS_ROLE_ARN and _AUDIENCE, and AWS_ENDPOINT_URL of a server that stands in
 * for DynamoDB, SSM and STS (AssumeRoleWithWebIdentity takes any token that begins with `identity-token`). It adds what is
 * the platform's own and only then imports its platform files, since these read the environment when they are loaded.
 */
export type OpenPlatform = () => Promise<Platform>;
