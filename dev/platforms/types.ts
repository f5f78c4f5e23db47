import * as z from "zod";

/**
 * What a platform beside the local runtime is started with, as plain data: it runs in a process of its own. The state is
 * elsewhere, as it is for functions outside AWS, and outlives the platform.
 */
export const PlatformSettings = z.strictObject({
  /** HTTPS port of the heartbeat endpoint and the admin API; 0 for any free one. */
  port: z.int().nonnegative(),
  certificate: z.strictObject({ key: z.string(), cert: z.string() }),
  /** Where DynamoDB answers, and all other services of AWS (`startAwsDoor`). */
  dynamoUrl: z.url(),
  awsUrl: z.url(),
  tableName: z.string(),
  /** `host:port` of every heartbeat endpoint, of all platforms, for the URIs of hosts. */
  endpoints: z.array(z.string()),
  /** Addresses of the clouds' emulators. */
  cloudEndpoints: z.record(z.string(), z.url()),
});
export type PlatformSettings = z.infer<typeof PlatformSettings>;

/** What a platform's process tells whoever started it. */
export const PlatformMessage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ready"), port: z.int() }),
  z.strictObject({ kind: z.literal("failed"), reason: z.string() }),
]);
export type PlatformMessage = z.infer<typeof PlatformMessage>;

export type RunningPlatform = {
  /** `https://127.0.0.1:PORT`: heartbeats and admin API. */
  readonly url: string;
  /** Ends it with everything that it was doing, as when the platform is lost. Resolves when it is gone. */
  stop(): Promise<void>;
};

/** What AWS is asked by other platforms, by the names that `startAwsDoor` knows. */
export const doorNames = {
  roleArn: "arn:aws:iam::123456789012:role/pointsman-outside",
  audience: "pointsman-local",
  region: "us-east-1",
  masterKey: "/pointsman/local/master-key",
  adminTokenHash: "/pointsman/local/admin-token-hash",
} as const;
