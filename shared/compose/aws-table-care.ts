import { dynamoTableCare } from "../store/table-care.ts";
import { awsDatabase, awsDynamo, awsParts, awsTableName } from "./aws.ts";

/** The care of the table on AWS, for the failover and the admin function: apart from what every heartbeat loads. */
export const awsTableCare = dynamoTableCare(awsDynamo, awsTableName, { database: awsDatabase, clock: awsParts.clock });
