/** What is used of STS, in a file of its own: imported as a whole when first needed, the rest of the package is left out of the bundle. */
export { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
