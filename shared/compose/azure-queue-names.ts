/** The storage queues, and the prefix of the settings that tell the host how to reach them. */
export const azureQueueNames = { swaps: "pointsman-swaps", ticks: "pointsman-ticks" };
export const azureQueueConnection = "POINTSMAN_QUEUES";
