import { type EmulatorServer, serveEmulator } from "../common/http-server.ts";
import type { Ec2Emulator } from "./emulator.ts";

/** Serves an emulator on 127.0.0.1; port 0 is any free one. Rejects when the port is taken. */
export function serveEc2(emulator: Ec2Emulator, port = 0): Promise<EmulatorServer> {
  return serveEmulator(async ({ headers, body }) => {
    const answer = await emulator.handle({ headers, body });
    if (answer === "dropped") return answer;
    const { status, requestId } = answer;
    return {
      status,
      headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId },
      body: answer.body,
    };
  }, port);
}
