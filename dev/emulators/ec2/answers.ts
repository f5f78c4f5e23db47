import type { ApiError } from "./errors.ts";
import { escapeXml, renderXml, type Xml } from "./xml.ts";

export type Answer = { readonly status: number; readonly body: string; readonly requestId: string };

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const EC2_SPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
const STS_SPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** A result in the form of EC2: the fields stand in the response element itself. */
export function ec2Result(action: string, result: Xml, requestId: string): Answer {
  const body = `<${action}Response xmlns="${EC2_SPACE}"><requestId>${requestId}</requestId>${renderXml(result)}</${action}Response>`;
  return { status: 200, body: HEAD + body, requestId };
}

export function ec2Error(error: ApiError, requestId: string): Answer {
  const inner = `<Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
  const body = `<Response><Errors>${inner}</Errors><RequestID>${requestId}</RequestID></Response>`;
  return { status: error.status, body: HEAD + body, requestId };
}

/** A result in the form of STS: the fields stand in an element of their own. */
export function stsResult(action: string, result: Xml, requestId: string): Answer {
  const inner = `<${action}Result>${renderXml(result)}</${action}Result>`;
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  const body = `<${action}Response xmlns="${STS_SPACE}">${inner}${metadata}</${action}Response>`;
  return { status: 200, body: HEAD + body, requestId };
}

export function stsError(error: ApiError, requestId: string): Answer {
  const kind = error.status < 500 ? "Sender" : "Receiver";
  const inner = `<Error><Type>${kind}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
  const body = `<ErrorResponse xmlns="${STS_SPACE}">${inner}<RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: error.status, body: HEAD + body, requestId };
}
