// Writes zip archives that depend on nothing but their content: files sorted by path, one date, plain rights.
import { crc32, deflateRawSync } from "node:zlib";

const localHeader = 0x04034b50;
const directoryEntry = 0x02014b50;
const endOfDirectory = 0x06054b50;
const version = 20;
const deflated = 8;
const utf8Names = 0x0800;
/** 1 January 1980, 00:00, the first moment that a zip archive can tell. */
const date = 0x0021;
/** A regular file that its owner may write and everybody read, as Unix tells it to an archive. */
const rights = 0o100644 * 0x10000;
const madeOnUnix = (3 << 8) | version;

/** A zip archive of files by path. The same files give the same bytes, with one release of Node. */
export function zipOf(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [path, bytes] of sorted) {
    const name = Buffer.from(path, "utf8");
    const packed = deflateRawSync(bytes, { level: 9 });
    const common = commonFields(bytes, packed, name);
    const local = Buffer.concat([uint32(localHeader), uint16(version), common, uint16(0)]);
    directory.push(
      Buffer.concat([
        uint32(directoryEntry),
        uint16(madeOnUnix),
        uint16(version),
        common,
        uint16(0),
        uint16(0),
        uint16(0),
        uint16(0),
        uint32(rights),
        uint32(at),
        name,
      ]),
    );
    parts.push(local, name, packed);
    at += local.length + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const count = uint16(sorted.length);
  const end = Buffer.concat([
    uint32(endOfDirectory),
    uint16(0),
    uint16(0),
    count,
    count,
    uint32(listed.length),
    uint32(at),
    uint16(0),
  ]);
  return Buffer.concat([...parts, listed, end]);
}

/** What stands alike in a file's header and in its entry of the directory: from flags to the length of the name. */
function commonFields(bytes, packed, name) {
  return Buffer.concat([
    uint16(utf8Names),
    uint16(deflated),
    uint16(0),
    uint16(date),
    uint32(crc32(bytes)),
    uint32(packed.length),
    uint32(bytes.length),
    uint16(name.length),
  ]);
}

function uint16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
