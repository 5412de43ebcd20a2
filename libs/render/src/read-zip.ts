import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';

const END = 0x06054b50;
const MAX_END = 65_557;

interface ZipEntry {
  readonly method: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * The content of one file in a zip archive. Reads only the directory and that file (no zip64, no encryption).
 * @throws Error when the archive or the entry is not there or not as expected
 */
export async function readZipEntry(archive: string, name: string): Promise<Buffer> {
  await using file = await open(archive);
  const entry = findEntry(await readDirectory(file), name);
  if (!entry) throw new Error(`${archive} has no ${name}`);
  const head = await readAt(file, entry.offset, 30);
  const start = entry.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  const packed = await readAt(file, start, entry.size);
  return entry.method === 0 ? packed : promisify(inflateRaw)(packed);
}

async function readDirectory(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat();
  const length = Math.min(size, MAX_END);
  const tail = await readAt(file, size - length, length);
  let at = tail.length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at -= 1;
  if (at < 0) throw new Error('not a zip archive');
  return readAt(file, tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12));
}

function findEntry(directory: Buffer, name: string): ZipEntry | undefined {
  for (let at = 0; at + 46 <= directory.length;) {
    const length = directory.readUInt16LE(at + 28);
    if (directory.toString('utf8', at + 46, at + 46 + length) === name) {
      const [method, size] = [directory.readUInt16LE(at + 10), directory.readUInt32LE(at + 20)];
      return { method, size, offset: directory.readUInt32LE(at + 42) };
    }
    at += 46 + length + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return undefined;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('the zip archive is cut short');
  return buffer;
}
