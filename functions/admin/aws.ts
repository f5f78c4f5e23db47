import middy from "@middy/core";
import { awsEndpoints, awsParts, awsSecrets } from "../../shared/compose/aws.ts";
import { awsExaminations, awsExamineQueue } from "../../shared/compose/aws-examinations.ts";
import { awsTableCare } from "../../shared/compose/aws-table-care.ts";
import { limits } from "../../shared/domain/limits.ts";
import { lambdaHttp } from "../../shared/platform/aws-lambda.ts";
import { answerErrors } from "../../shared/platform/aws-middleware.ts";
import { createAdmin } from "./admin.ts";

const admin = createAdmin({
  ...awsParts,
  secrets: awsSecrets(),
  endpoints: awsEndpoints,
  doctor: { examinations: awsExaminations, queue: awsExamineQueue },
  tableCare: awsTableCare,
});

export const handler = middy(lambdaHttp(admin, { maxBodyBytes: limits.adminBodyBytes })).use(
  answerErrors(awsParts.log),
);
