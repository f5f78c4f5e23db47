/**
 * Azure's own figures. Resource Manager counts an identity's reads, writes and deletes in a subscription apart;
 * Microsoft.Network takes 1,000 changes in five minutes.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
export const AZURE_BUCKETS = {
  GET: { size: 250, perSecond: 25 },
  PUT: { size: 200, perSecond: 10 },
  DELETE: { size: 200, perSecond: 10 },
  network: { size: 1_000, perSecond: 1_000 / 300 },
} as const;
