import type { ExamineQueue } from "../ports/examinations.ts";
import { openExaminations } from "../store/examination-records.ts";
import { awsDatabase } from "./aws.ts";

let queue: Promise<ExamineQueue> | undefined;

/** Examinations on AWS, for the admin API and the routes function: apart from what every heartbeat loads. */
export const awsExaminations = openExaminations(awsDatabase);

/** The way of examinations to the routes function. */
export function awsExamineQueue(): Promise<ExamineQueue> {
  queue ??= import("./aws-examine-queue.ts").then((module) => module.openExamineQueue());
  return queue;
}
