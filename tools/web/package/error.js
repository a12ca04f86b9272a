// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

/** What every function of this package throws about a file: see mcnc.d.ts. */
export class McncError extends Error {
  constructor({code, name, rule = null, offset = null, message}) {
    super(message);
    this.name = 'McncError';
    this.number = code;
    this.code = name;
    this.rule = rule;
    this.offset = offset;
  }

  /** As plain values, which can be posted between threads, and back by the constructor. */
  toJSON() {
    return {code: this.number, name: this.code, rule: this.rule, offset: this.offset, message: this.message};
  }
}

// Of sdk/include/mcnc.h, where JavaScript finds something wrong by itself.
export const argumentError = (message) => new McncError({code: 200, name: 'argument', message});
export const readError = (message) => new McncError({code: 500, name: 'read', message});
export const memoryError = (message) => new McncError({code: 502, name: 'memory', message});
export const internalError = (message) => new McncError({code: 504, name: 'internal', message});
