/** Platforms that the functions run on in `npm start`: as on AWS in its own process, as on Google Cloud in another one. */
export const platformNames = ["aws", "gcp"] as const;
export type PlatformName = (typeof platformNames)[number];
