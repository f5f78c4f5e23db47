import { SQSClient } from "@aws-sdk/client-sqs";
import { sqsExamineQueue } from "../platform/sqs-queues.ts";
import type { ExamineQueue } from "../ports/examinations.ts";
import { awsParts, awsSwapQueueUrl } from "./aws.ts";
import { awsCalls } from "./aws-calls.ts";

/** The way of examinations over the swap queue. In a file of its own, loaded when a doctor is first asked for. */
export function openExamineQueue(): ExamineQueue {
  return sqsExamineQueue(new SQSClient(awsCalls), awsSwapQueueUrl, awsParts);
}
