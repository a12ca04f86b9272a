// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The thread of one open file. Takes {id, method, values} and posts {id, value} or {id, error}, and {id, done, total} now
// and then while it works.

import {internalError, McncError} from './error.js';
import {Session} from './session.js';
import {openSource, openSources} from './sources.js';

const PROGRESS_MS = 50;

let session = null;
const methods = {
  async open(module, source, limits) {
    session ??= await Session.create(module);
    return session.open(await openSource(source), limits);
  },
  async setBases(sources) {
    session.setBases(await openSources(sources));
  },
};

onmessage = async ({data: {id, method, values}}) => {
  try {
    let last = 0;
    if (session !== null) {
      session.progress = (done, total) => {
        if (done < total && performance.now() - last < PROGRESS_MS) return;
        last = performance.now();
        postMessage({id, done, total});
      };
    }
    const value = method in methods ? await methods[method](...values) : session[method](...values);
    postMessage({id, value}, ArrayBuffer.isView(value) ? [value.buffer] : []);
  } catch (error) {
    postMessage({id, error: (error instanceof McncError ? error : internalError(String(error))).toJSON()});
  }
};
