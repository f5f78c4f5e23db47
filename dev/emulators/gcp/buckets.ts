import type { BucketSize } from "../common/buckets.ts";
import type { Method } from "./methods.ts";

/** So many requests a minute, of a project and a group of methods. */
const aMinute = (requests: number): BucketSize => ({ size: requests, perSecond: requests / 60 });

/** Google's rates; what is asked of operations is counted apart from other reads. */
export const GCP_BUCKETS: Readonly<Record<Method["kind"], { readonly bucket: BucketSize; readonly metric: string }>> = {
  write: { bucket: aMinute(375), metric: "compute.googleapis.com/global_resource_write_requests" },
  read: { bucket: aMinute(1_500), metric: "compute.googleapis.com/read_requests" },
  operation: { bucket: aMinute(1_500), metric: "compute.googleapis.com/operation_read_requests" },
};
