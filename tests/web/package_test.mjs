// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The JavaScript package in Node.js, against what the native tools say of the same files.
//
//   node package_test.mjs SITE EXPECTED.json
//
// SITE: what tools/web/build made. EXPECTED.json: of every file what page_test.py asked the tools: {file, bases, error} as
// `mcnc verify --json` has them, with these base models ({}: some error), and {file, bases, safetensors}, a file that
// `mcnc decode` made.

import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const [site, expected] = process.argv.slice(2);
const {open, byteRanges, McncError} = await import(pathToFileURL(path.resolve(site, 'package', 'mcnc.js')));

// The linker lets the module import whatever is undefined, and session.js answers what it does not know with an error
// code: a function that is missing by mistake would be such an import.
async function importsWhatItMay() {
  const module = await WebAssembly.compile(await readFile(path.resolve(site, 'package', 'mcnc.wasm')));
  const known = ['read', 'write', 'progress', 'emscripten_notify_memory_growth', 'proc_exit', 'environ_get',
                 'environ_sizes_get', 'fd_close', 'fd_read', 'fd_seek', 'fd_write', 'clock_time_get'];
  const strangers = WebAssembly.Module.imports(module).map(({name}) => name).filter((name) => !known.includes(name));
  assert.deepEqual(strangers, []);
}

// A file whose messages begin with its path, as those of the tools do.
async function named(file) {
  return Object.assign(new Blob([await readFile(file)]), {name: file});
}

// As `mcnc verify --json` has an error, or null.
async function verify(file, bases) {
  let model;
  try {
    model = await open(await named(file), {bases: await Promise.all(bases.map(named))});
    assert.deepEqual(await model.verify(), {withoutBases: model.info.bases.length > 0 && bases.length === 0});
    return null;
  } catch (error) {
    assert(error instanceof McncError, `${file}: ${error.stack}`);
    const {rule, offset, ...rest} = error.toJSON();
    return {...rest, ...(rule === null ? {} : {rule}), ...(offset === null ? {} : {offset})};
  } finally {
    model?.close();
  }
}

async function decodesEqual({file, bases, safetensors}) {
  const model = await open(await readFile(file), {bases: await Promise.all(bases.map(named))});
  const wanted = await readFile(safetensors);
  assert.deepEqual(Buffer.from(await (await model.safetensors()).arrayBuffer()), wanted, file);
  const length = Number(wanted.readBigUInt64LE(0));
  const header = JSON.parse(wanted.subarray(8, 8 + length));
  for (const tensor of model.tensors.filter((each) => !each.factor)) {
    const [begin, end] = header[tensor.name].data_offsets.map((offset) => 8 + length + offset);
    const weights = await model.decode(tensor.name);
    assert.equal(weights.length, tensor.elements, file);
    assert.deepEqual(Buffer.from(weights.buffer), wanted.subarray(begin, end), `${file}: ${tensor.name}`);
    const half = Math.floor(tensor.elements / 2);
    const rest = await model.decode(tensor.name, {first: half});
    assert.deepEqual(rest, weights.slice(half), `${file}: half of ${tensor.name}`);
  }
  model.close();
}

async function refuses(call, code, words) {
  await assert.rejects(call, (error) => {
    assert(error instanceof McncError, error.stack);
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });
}

async function misuse(file) {
  const bytes = await readFile(file);
  const model = await open(bytes);
  const [{name, elements}] = model.tensors;
  await refuses(() => model.decode('no such tensor'), 'argument', /no tensor/);
  await refuses(() => model.decode(name, {first: elements, count: 1}), 'argument', /elements/);
  await refuses(() => model.decode(name, {first: -1}), 'argument', /elements/);
  await refuses(() => open(bytes, {limits: {outputBytes: 1}}), 'limit', /output/);
  await refuses(() => open(5), 'argument', /Blob/);
  await refuses(() => open('file:///etc/passwd'), 'argument', /http/);
  await refuses(() => open(new Uint8Array(0)), 'truncated', /./);
  const measured = await model.measure(name);
  assert.equal(measured.count, elements);
  assert(measured.bars.reduce((sum, bar) => sum + bar, 0) > 0);
  const calls = [];
  await model.verify({progress: (done, total) => calls.push([done, total])});
  assert.deepEqual(calls.at(-1)[0], calls.at(-1)[1]);
  const ranges = await byteRanges(bytes);
  assert.equal(ranges[0].what, 'magic');
  assert.equal(ranges.at(-1).offset + ranges.at(-1).bytes, bytes.length);
  model.close();
  await refuses(() => model.decode(name), 'argument', /closed/);
}

// A tensor that a module of 32 bits cannot hold at once: it is refused before any memory is asked for.
async function tooLarge(file) {
  const model = await open(await readFile(file));
  await refuses(() => model.decode(model.tensors[0].name), 'memory', /do not fit.*parts/);
  assert.equal((await model.decode(model.tensors[0].name, {first: 5, count: 7})).length, 7);
  model.close();
}

// Base models are missing, are others, are given late, or are no models.
async function baseModels({file, bases: [base], safetensors, other}) {
  const model = await open(await named(file));
  const [{name}] = model.tensors;
  await refuses(() => model.decode(name), 'base', /base/);
  await refuses(() => model.setBases([]), 'argument', /no base model/);
  await refuses(() => model.setBases('a text'), 'argument', /list/);
  await refuses(() => model.setBases([new Uint8Array(100)]), 'layout', /safetensors/);
  await model.setBases([await named(other)]);
  await refuses(() => model.verify(), 'base', /none of those given/);
  await model.setBases([await named(safetensors)]);
  assert.deepEqual(await model.verify(), {withoutBases: false});
  const weights = await model.decode(name);
  // What cannot be used changes nothing.
  await refuses(() => model.setBases([new Uint8Array(100)]), 'layout', /safetensors/);
  assert.deepEqual(await model.decode(name), weights);
  const again = await open(await named(file), {bases: [await named(base)]});
  assert.deepEqual(await again.decode(name), weights);
  assert.equal((await again.measure(name)).count, weights.length);
  model.close();
  again.close();
  const alone = await open(await named(base));
  await refuses(async () => alone.setBases([await named(base)]), 'argument', /starts from no base/);
  alone.close();
}

await importsWhatItMay();
const {verified, decoded, based, large} = JSON.parse(await readFile(expected, 'utf8'));
for (const {file, bases, error} of verified) {
  const found = await verify(file, bases);
  // Machines of 32 bits find some damage of the manifest earlier, and say it otherwise.
  if (error?.rule === 'manifest.flatbuffer') found.message = error.message;
  if (error !== null && Object.keys(error).length === 0) assert.notEqual(found, null, file);
  else assert.deepEqual(found, error, file);
}
for (const each of decoded) await decodesEqual(each);
await misuse(decoded[0].file);
await baseModels(based);
await tooLarge(large);
console.log(`${verified.length} files are judged as the native decoder does, ${decoded.length} decode to the same bytes`);
