// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The WebAssembly module with one file, called at once from this thread: what is behind Model of mcnc.js.

import {argumentError, internalError, McncError, memoryError} from './error.js';

const ARRAYS = {
  F32: Float32Array, F64: Float64Array, I8: Int8Array, I16: Int16Array, I32: Int32Array, I64: BigInt64Array,
  U8: Uint8Array, U16: Uint16Array, U32: Uint32Array, U64: BigUint64Array, BOOL: Uint8Array,
  // JavaScript has no such numbers: their bits.
  F16: Uint16Array, BF16: Uint16Array, F8_E4M3: Uint8Array, F8_E5M2: Uint8Array,
};
const MOST_BYTES = 2 ** 31 - 2 ** 16;  // of an array in a module of 32 bits
const PART_BYTES = 2 ** 26;            // of a download that are kept in memory before the browser may put them elsewhere
const NOT_SUPPORTED = 52;              // ENOSYS of WASI

// The module's C library asks its host for files, clocks and an environment. There are none.
function systemCalls(module, memory) {
  const calls = {};
  for (const {module: from, name, kind} of WebAssembly.Module.imports(module)) {
    if (kind === 'function' && from !== 'host') (calls[from] ??= {})[name] = () => NOT_SUPPORTED;
  }
  for (const functions of Object.values(calls)) {
    if ('environ_get' in functions) functions.environ_get = () => 0;
    if ('environ_sizes_get' in functions) {
      functions.environ_sizes_get = (count, bytes) => {
        new DataView(memory()).setUint32(count, 0, true);
        new DataView(memory()).setUint32(bytes, 0, true);
        return 0;
      };
    }
    if ('proc_exit' in functions) functions.proc_exit = (code) => { throw new Error(`the module ended with ${code}`); };
    if ('emscripten_notify_memory_growth' in functions) functions.emscripten_notify_memory_growth = () => {};
  }
  return calls;
}

export class Session {
  /** module: a WebAssembly.Module of mcnc.wasm. */
  static async create(module) {
    const session = new Session();
    const memory = () => session.exports.memory.buffer;
    const host = {
      read: (file, offset, out, bytes) => session.guarded(() => {
        session.bytesAt(out, bytes).set(session.files[file >>> 0].readAt(Number(offset), bytes >>> 0));
      }),
      write: (data, bytes) => session.guarded(() => session.take(session.bytesAt(data, bytes).slice())),
      progress: (done, total) => session.progress(done, total),
    };
    const instance = await WebAssembly.instantiate(module, {...systemCalls(module, memory), host});
    session.exports = instance.exports;
    session.exports._initialize();
    return session;
  }

  constructor() {
    this.progress = () => {};
    this.failure = null;  // what went wrong in a function that the module called
    this.broken = false;
    this.files = [];       // sources, by the numbers that the module has for them: the open file, then base models
    this.hasBases = false;
  }

  /** Opens what openSource() made. limits: outputBytes, multiplyAdds, scratchBytes, where they differ from the defaults. */
  open(source, {outputBytes = 2 ** 38, multiplyAdds = 10 ** 15, scratchBytes = 2 ** 32} = {}) {
    this.files = [source];
    this.hasBases = false;
    this.call('mcnc_open', ...[source.size, outputBytes, multiplyAdds, scratchBytes].map(BigInt));
    this.info = this.json('mcnc_info');
    this.names = new Map(this.info.tensors.map((tensor, index) => [tensor.name, index]));
    return this.info;
  }

  /** Supplies the models that the file starts from: what openSource() made, each with its name. */
  setBases(sources) {
    if (this.info.bases.length === 0) throw argumentError('the file starts from no base model');
    if (sources.length === 0) throw argumentError('no base model was given');
    // New numbers: the models of before are still read if these are refused.
    const first = this.files.length;
    this.files.push(...sources);
    const list = new TextEncoder().encode(JSON.stringify(
        sources.map(({name, size}, index) => ({file: first + index, name, size}))));
    this.withBytes(list, (pointer) => this.call('mcnc_set_bases', pointer, list.length));
    this.hasBases = true;
  }

  byteRanges() {
    return this.json('mcnc_dump').ranges;
  }

  /** The instruction set that it decodes with: WASM for vectors, scalar. */
  target() {
    return this.text('mcnc_target');
  }

  decode(name, {first, count} = {}) {
    const index = this.indexOf(name);
    const {dtype, elements} = this.info.tensors[index];
    const from = first ?? 0;
    const wanted = count ?? elements - from;
    if (!Number.isInteger(from) || !Number.isInteger(wanted) || from < 0 || wanted < 0 || from + wanted > elements) {
      throw argumentError(`${name} has ${elements} elements: not as many from ${from} on`);
    }
    const size = wanted * ARRAYS[dtype].BYTES_PER_ELEMENT;
    const out = size <= MOST_BYTES ? this.exports.malloc(Math.max(size, 1)) : 0;
    if (out === 0) {
      throw memoryError(`${name}: ${size} bytes do not fit into the memory of a page at once; decode parts of it ` +
          '(first, count), or download the weights as safetensors');
    }
    try {
      this.call('mcnc_decode', index, BigInt(from), BigInt(wanted), out, size);
      return new ARRAYS[dtype](this.exports.memory.buffer.slice(out, out + size));
    } finally {
      if (!this.broken) this.exports.free(out);
    }
  }

  measure(name) {
    return this.json('mcnc_measure', this.indexOf(name));
  }

  verify() {
    this.call('mcnc_verify');
    return {withoutBases: this.info.bases.length > 0 && !this.hasBases};
  }

  /** The model as a safetensors file, a Blob. */
  safetensors() {
    this.call('mcnc_safetensors');
    const head = this.result();
    const length = Number(new DataView(head.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(head.subarray(8, 8 + length)));
    delete header.__metadata__;
    const names = Object.keys(header).sort((a, b) => header[a].data_offsets[0] - header[b].data_offsets[0] ||
                                                     header[a].data_offsets[1] - header[b].data_offsets[1]);
    let parts = [];
    let kept = 0;  // bytes of `parts` from `blobs` on
    const blobs = [];
    this.take = (bytes) => {
      parts.push(bytes);
      kept += bytes.length;
      if (kept < PART_BYTES) return;
      blobs.push(new Blob(parts));
      parts = [];
      kept = 0;
    };
    this.take(head);
    for (const name of names) this.call('mcnc_stream', this.indexOf(name));
    return new Blob([...blobs, ...parts]);
  }

  // Below: how the module is called.

  indexOf(name) {
    const index = this.names?.get(name);
    if (index === undefined) throw argumentError(`there is no tensor ${name}`);
    return index;
  }

  bytesAt(pointer, bytes) {
    return new Uint8Array(this.exports.memory.buffer, pointer >>> 0, bytes >>> 0);
  }

  // Calls `work` with a pointer to a copy of the bytes in the module.
  withBytes(bytes, work) {
    const pointer = this.exports.malloc(bytes.length);
    if (pointer === 0) throw memoryError('the browser ran out of memory');
    try {
      this.bytesAt(pointer, bytes.length).set(bytes);
      work(pointer);
    } finally {
      if (!this.broken) this.exports.free(pointer);
    }
  }

  result() {
    return this.bytesAt(this.exports.mcnc_result(), this.exports.mcnc_result_size()).slice();
  }

  call(name, ...values) {
    if (this.broken) throw internalError('the decoder has failed before; open the file again');
    this.failure = null;
    let code;
    try {
      code = this.exports[name](...values);
    } catch (error) {
      this.broken = true;
      throw internalError(`the decoder itself failed: ${error.message}`);
    }
    if (this.failure !== null) throw this.failure;
    if (code !== 0) throw new McncError(JSON.parse(new TextDecoder().decode(this.result())));
  }

  text(name, ...values) {
    this.call(name, ...values);
    return new TextDecoder().decode(this.result());
  }

  json(name, ...values) {
    return JSON.parse(this.text(name, ...values));
  }

  guarded(work) {
    try {
      work();
      return 0;
    } catch (error) {
      this.failure = error instanceof McncError ? error : memoryError(`the browser ran out of memory: ${error.message}`);
      return 1;
    }
  }
}
