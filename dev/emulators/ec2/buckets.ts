/**
 * EC2's own figures: a bucket for every API action, account and region, of 100 requests refilled by 20 a second for
 * what only describes, and of 50 refilled by 5 a second for what changes something.
 */
export const EC2_BUCKETS = {
  read: { size: 100, perSecond: 20 },
  change: { size: 50, perSecond: 5 },
} as const;
