// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Where the bytes of a file come from. A source has a `size`, a `name` for messages, and readAt(offset, length), which
// returns a Uint8Array of that length at once: the decoder cannot wait. That is why blobs and URLs are for workers, which
// may read them so.

import {argumentError, readError} from './error.js';

class MemorySource {
  constructor(buffer, name) {
    this.name = name;
    this.bytes = ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
                                            : new Uint8Array(buffer);
    this.size = this.bytes.length;
  }

  readAt(offset, length) {
    return this.bytes.subarray(offset, offset + length);
  }
}

class BlobSource {
  constructor(blob) {
    this.blob = blob;
    this.name = blob.name ?? 'blob';
    this.size = blob.size;
    this.reader = new FileReaderSync();
  }

  readAt(offset, length) {
    let bytes;
    try {
      bytes = new Uint8Array(this.reader.readAsArrayBuffer(this.blob.slice(offset, offset + length)));
    } catch {
      throw readError('the file cannot be read any more: it was changed, moved or removed; open it again');
    }
    if (bytes.length !== length) throw readError('the file became shorter while it was read; open it again');
    return bytes;
  }
}

const LEAST_REQUEST = 65536;  // bytes: small reads that follow each other become one request

class UrlSource {
  constructor(url, size, version) {
    this.url = url;
    this.name = url;
    this.size = size;
    this.version = version;
    this.first = 0;
    this.block = new Uint8Array(0);  // bytes from `first` on, of the last request
  }

  /** Asks for the first byte, to see whether the server sends parts of files, and how long this one is. */
  static async open(url) {
    const unreachable = readError(`${url} could not be fetched: there is no such server, it cannot be reached, or it ` +
        'does not let other pages read its files (CORS); download the file and open it from the disk');
    const ask = async (options) => {
      try {
        return await fetch(url, {...options, cache: 'no-store'});
      } catch {
        throw unreachable;
      }
    };
    const part = await ask({headers: {Range: 'bytes=0-0'}});
    part.body?.cancel();
    if (part.status === 200) {
      throw readError(`${url}: the server does not send parts of files (HTTP ranges), only the whole; download the ` +
          'file and open it from the disk');
    }
    // An empty file has no first byte.
    if (part.status !== 206 && part.status !== 416) throw readError(`${url}: the server answered ${part.status}`);
    // Other sites' servers often hide this header, but not the length of the whole file.
    let size = /\/(\d+)$/.exec(part.headers.get('Content-Range') ?? '')?.[1];
    if (size === undefined) size = (await ask({method: 'HEAD'})).headers.get('Content-Length') ?? undefined;
    if (size === undefined) throw readError(`${url}: the server does not say how long the file is`);
    return new UrlSource(url, Number(size), versionOf((name) => part.headers.get(name)));
  }

  readAt(offset, length) {
    if (offset < this.first || offset + length > this.first + this.block.length) {
      this.block = this.fetch(offset, Math.min(Math.max(length, LEAST_REQUEST), this.size - offset));
      this.first = offset;
    }
    return this.block.subarray(offset - this.first, offset - this.first + length);
  }

  fetch(offset, length) {
    const request = new XMLHttpRequest();
    request.open('GET', this.url, false);
    request.responseType = 'arraybuffer';
    request.setRequestHeader('Range', `bytes=${offset}-${offset + length - 1}`);
    try {
      request.send();
    } catch {
      throw readError(`${this.url} could not be fetched: the connection was lost`);
    }
    const header = (name) => request.getAllResponseHeaders().match(new RegExp(`^${name}: *(.*?)\\r?$`, 'im'))?.[1];
    const version = versionOf(header);
    const total = /\/(\d+)$/.exec(header('content-range') ?? '')?.[1];
    if ((request.status >= 200 && request.status < 300 && version !== this.version) ||
        (total !== undefined && Number(total) !== this.size) || request.status === 416) {
      throw readError(`${this.url} was changed while it was read; open it again`);
    }
    const bytes = new Uint8Array(request.response ?? 0);
    if (request.status !== 206 || bytes.length !== length) {
      throw readError(`${this.url}: the server answered ${request.status} with ${bytes.length} bytes, not 206 with ${length}`);
    }
    return bytes;
  }
}

// What changes when a file does. Weak tags do not promise equal bytes, but then the digests find out.
function versionOf(header) {
  return header('ETag') ?? header('Last-Modified') ?? '';
}

/** For each base model; what goes wrong says of which. */
export async function openSources(sources) {
  if (!Array.isArray(sources)) throw argumentError('base models are a list of files');
  return Promise.all(sources.map(openSource));
}

/** source: a Blob, an ArrayBuffer or a view of one, or a URL as text or object. */
export async function openSource(source) {
  if (typeof Blob !== 'undefined' && source instanceof Blob) {
    return typeof FileReaderSync === 'undefined' ? new MemorySource(await source.arrayBuffer(), source.name ?? 'blob')
                                                 : new BlobSource(source);
  }
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return new MemorySource(source, 'array');
  if (typeof source === 'string' || source instanceof URL) {
    let url;
    try {
      url = new URL(source, globalThis.location?.href);
    } catch {
      throw argumentError(`${source} is not a URL`);
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw argumentError(`${source} is not a URL of http or https`);
    if (typeof XMLHttpRequest === 'undefined') throw argumentError('URLs can be opened in browsers only');
    return UrlSource.open(url.href);
  }
  throw argumentError('a file is a Blob, an ArrayBuffer or a URL');
}
