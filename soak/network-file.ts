import { soakBounds } from "./bounds.ts";

const regions = [
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
  "eu-west-1",
  "eu-west-2",
  "eu-central-1",
  "eu-north-1",
  "ap-south-1",
  "sa-east-1",
] as const;

/**
 * A network file of equal locations in links of ten, each link in a region of its own as long as there are any: EC2's
 * allowance for changing routes is per region. In every second location the first host is preferred, so that it takes
 * over again when it is back.
 */
export function soakNetworkFile(locations: number, hosts: number): string {
  const lines = ["# Made by npm run soak.", "version: 1", "links:"];
  for (let at = 0; at < locations; at++) {
    const link = Math.floor(at / soakBounds.locationsPerLink);
    const region = regions[link % regions.length];
    if (at % soakBounds.locationsPerLink === 0) lines.push(`  l${link}:`, "    hostCheck: false", "    locations:");
    lines.push(
      `      s${at}:`,
      `        networks: [10.${at >> 8}.${at & 255}.0/24]`,
      "        holdUp: 5s",
      `        cloud: { provider: aws, region: ${region}, vpc: vpc-s${at}, routeTables: [rtb-s${at}] }`,
      "        hosts:",
    );
    for (let host = 0; host * locations + at < hosts; host++) {
      const priority = host === 0 && at % 2 === 0 ? 20 : 10;
      const settings = `timeout: ${soakBounds.timeoutMs / 1000}s, backoff: 10s, target: eni-s${at}h${host}`;
      lines.push(`          h${host}: { priority: ${priority}, ${settings} }`);
    }
  }
  return `${lines.join("\n")}\n`;
}
