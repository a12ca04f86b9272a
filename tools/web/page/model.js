// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What is shown of a file, from what Model.info says.

import {fileMap} from './charts.js';
import {bytes, count, element, facts, table} from './elements.js';

const shape = (tensor) => tensor.shape.length === 0 ? 'scalar' : tensor.shape.join(' × ');

const tensorsOf = ({tensors}) => `${count(tensors.length)} ${tensors.length === 1 ? 'tensor' : 'tensors'}`;

function theta0Of(theta0) {
  switch (theta0?.kind) {
    case undefined: case 'zero': return '';
    case 'constant': return `, from ${theta0.value}`;
    case 'uniform': return ', from random numbers';
    case 'stored': return ', from stored numbers';
    default: return `, from ${theta0.tensor} of base ${theta0.base}`;
  }
}

function sourceOf({source}) {
  switch (source.kind) {
    case 'generated': return `codes ${source.codes}, from element ${count(source.first_element)}${theta0Of(source.theta0)}`;
    case 'stored': return `stored in segment ${source.segment}`;
    case 'shared': return `the same as ${source.tensor}`;
    default: return `${source.scale} × ${source.b} ${source.a}${theta0Of(source.theta0)}`;
  }
}

const columns = {
  number: {title: 'number', right: true, of: (_, index) => index},
};

/** Sections of everything but the bytes. measure(tensor): called by its button. */
export function modelSections(name, info, measure) {
  const weights = info.tensors.filter((tensor) => !tensor.factor).reduce((sum, tensor) => sum + tensor.elements, 0);
  const decoded = info.budget.output_bytes;
  const parts = [
    element('h2', {}, 'The file'),
    facts([
      ['name', name],
      ['size', `${bytes(info.file_length)}${info.file_length < 1024 ? '' : ` (${count(info.file_length)} bytes)`}`],
      ['decodes to', `${count(weights)} weights in ${tensorsOf(info)}, ${bytes(decoded)}: ` +
                     `${info.ratio.toFixed(1)} times the file`],
      ['costs', `${count(info.budget.multiply_adds)} multiply-adds, ${bytes(info.budget.scratch_bytes)} of scratch memory`],
      ['weights identity', element('span', {class: 'mono'}, info.weights_identity)],
      ['file digest', element('span', {class: 'mono'}, info.file_digest)],
    ]),
    element('h2', {}, 'Where its bytes are'),
    fileMap(info),
  ];
  const add = (title, caption, rows, list) => {
    if (rows.length > 0) parts.push(element('h2', {}, title), table(caption, list, rows));
  };
  add('Metadata', 'What the file says about itself', Object.entries(info.metadata), [
    {title: 'key', of: ([key]) => key}, {title: 'value', of: ([, value]) => value}]);
  add('Base models', 'Models that this one starts from', info.bases, [columns.number,
    {title: 'name', of: (base) => base.name}, {title: 'weights identity', mono: true, of: (base) => base.weights_identity}]);
  add('Tensors', tensorsOf(info), info.tensors, [
    {title: 'name', mono: true, of: (tensor) => tensor.name},
    {title: 'type', of: (tensor) => tensor.dtype},
    {title: 'shape', of: shape},
    {title: 'bytes', right: true, of: (tensor) => count(tensor.bytes)},
    {title: 'made of', of: (tensor) => sourceOf(tensor) + (tensor.factor ? ' (a factor)' : '')},
    {title: 'numbers', of: (tensor) => element('button',
      {class: 'small', 'aria-label': `Histogram of ${tensor.name}`, onclick: (event) => measure(tensor, event.target)},
      'Histogram')}]);
  add('Codes', 'Codes, from which generators make chunks of weights', info.codes, [columns.number,
    {title: 'generator', right: true, of: (codes) => codes.generator},
    {title: 'chunks', right: true, of: (codes) => count(codes.chunks)},
    {title: 'codes per chunk', right: true, of: (codes) => codes.codes_per_chunk},
    {title: 'alpha', of: ({alpha}) => `${alpha.type}, segment ${alpha.segment}`},
    {title: 'beta', of: ({beta}) => beta.kind === 'one' ? `${beta.value} for all` : `${beta.type}, segment ${beta.segment}`}]);
  add('Generators', 'Generators', info.generators, [columns.number,
    {title: 'arithmetic', of: (generator) => generator.arithmetic},
    {title: 'code → chunk', of: ({code_dim: from, layers}) => [from, ...layers.map((layer) => layer.width)].join(' → ')},
    {title: 'activations', of: ({layers}) => layers.map((layer) => layer.activation).join(', ')},
    {title: 'weights', of: ({layers}) => layers.map((layer) => layer.weights.kind).join(', ')},
    {title: 'seed', mono: true, of: (generator) => generator.seed}]);
  add('Segments', 'Segments, in the order of the file', info.segments, [columns.number,
    {title: 'from byte', right: true, of: (segment) => count(segment.offset)},
    {title: 'bytes', right: true, of: (segment) => count(segment.stored_length)},
    {title: 'decoded', right: true, of: (segment) => count(segment.decoded_length)},
    {title: 'encoding', of: (segment) => segment.encoding},
    {title: 'used by', mono: true, of: (segment) => segment.used_by}]);
  return parts;
}

/** The table of what Model.byteRanges returns. Its texts are escaped already. */
export function rangesTable(ranges) {
  const text = (value) => document.createTextNode(value);
  return table(`${count(ranges.length)} ranges of bytes`, [
    {title: 'from byte', right: true, of: (range) => count(range.offset)},
    {title: 'bytes', right: true, of: (range) => count(range.bytes)},
    {title: 'what', of: (range) => text(range.what)},
    {title: 'first bytes', mono: true, of: (range) => range.first_bytes},
    {title: '', of: (range) => element('span', /differs|not zero|cut off/.test(range.note) ? {class: 'bad'} : {}, text(range.note))},
  ], ranges);
}
