// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Opens .mcnc files in a browser, where each has a worker of its own, and in Node.js. mcnc.d.ts says what is what.

import {argumentError, internalError, McncError} from './error.js';
import {Session} from './session.js';
import {openSource, openSources} from './sources.js';

export {McncError};

const MODULE = new URL('./mcnc.wasm', import.meta.url);
let compiled = null;

async function compile() {
  if (MODULE.protocol === 'file:') {
    const {readFile} = await import('node:fs/promises');
    return WebAssembly.compile(await readFile(MODULE));
  }
  const answer = await fetch(MODULE);
  if (!answer.ok) throw internalError(`${MODULE} could not be fetched: ${answer.status}`);
  // Some servers do not know the type of such files, without which they cannot be compiled while they arrive.
  return answer.headers.get('Content-Type') === 'application/wasm' ? WebAssembly.compileStreaming(answer)
                                                                   : WebAssembly.compile(await answer.arrayBuffer());
}

const load = () => compiled ??= compile().catch((error) => {
  compiled = null;
  throw error instanceof McncError ? error : internalError(`the decoder could not be loaded: ${error.message}`);
});

// A session behind a worker.
class Remote {
  constructor() {
    this.worker = new Worker(new URL('./worker.js', import.meta.url), {type: 'module'});
    this.calls = new Map();
    this.last = 0;
    this.worker.onmessage = ({data}) => this.hear(data);
    this.worker.onerror = (event) => this.end(internalError(`the decoder could not be started: ${event.message ?? ''}`));
  }

  hear({id, value, error, done, total}) {
    const {resolve, reject, progress} = this.calls.get(id);
    if (done !== undefined) {
      progress?.(done, total);
      return;
    }
    this.calls.delete(id);
    if (error) reject(new McncError(error));
    else resolve(value);
  }

  call(method, values, progress) {
    if (this.ended) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.calls.set(++this.last, {resolve, reject, progress});
      this.worker.postMessage({id: this.last, method, values});
    });
  }

  end(error = argumentError('the file was closed')) {
    this.ended = error;
    this.worker.terminate();
    for (const {reject} of this.calls.values()) reject(error);
    this.calls.clear();
  }
}

// A session of this thread.
class Local {
  async call(method, values, progress) {
    if (this.ended) throw this.ended;
    if (method === 'open') {
      this.session = await Session.create(values[0]);
      return this.session.open(await openSource(values[1]), values[2]);
    }
    if (method === 'setBases') return this.session.setBases(await openSources(values[0]));
    this.session.progress = progress ?? (() => {});
    return this.session[method](...values);
  }

  end() {
    this.ended = argumentError('the file was closed');
    this.session = null;
  }
}

const start = () => typeof Worker === 'undefined' ? new Local() : new Remote();

export class Model {
  #thread;

  constructor(thread, info) {
    this.#thread = thread;
    this.info = info;
    this.tensors = info.tensors;
    this.metadata = info.metadata;
  }

  setBases(sources) {
    return this.#thread.call('setBases', [sources]);
  }

  decode(name, range = {}) {
    return this.#thread.call('decode', [name, range]);
  }

  verify({progress} = {}) {
    return this.#thread.call('verify', [], progress);
  }

  measure(name) {
    return this.#thread.call('measure', [name]);
  }

  byteRanges() {
    return this.#thread.call('byteRanges', []);
  }

  safetensors() {
    return this.#thread.call('safetensors', []);
  }

  close() {
    this.#thread.end();
  }
}

export async function open(source, {limits, bases = []} = {}) {
  const thread = start();
  try {
    const model = new Model(thread, await thread.call('open', [await load(), source, limits]));
    if (bases.length > 0) await model.setBases(bases);
    return model;
  } catch (error) {
    thread.end();
    throw error;
  }
}

export async function byteRanges(source) {
  const thread = start();
  try {
    await thread.call('open', [await load(), source]).catch(() => {});
    return await thread.call('byteRanges', []);
  } finally {
    thread.end();
  }
}
