// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

import {bytes, count, drawing, element, figure, visible} from './elements.js';

const KINDS = ['preamble, manifest, padding', 'codes', 'theta0 and generators', 'stored tensors', 'trailing bytes'];
const WIDTH = 1000;
const LEAST = 1;  // of a part that would be too small to be seen

// Which of KINDS the segment is.
function kindOf(use) {
  if (use.startsWith('codes')) return 1;
  return use.startsWith('tensor') && !use.includes('theta0') ? 3 : 2;
}

/** The file from its first to its last byte, to scale. */
export function fileMap(info) {
  const parts = [{from: 0, to: 64 + info.manifest_length, kind: 0, what: 'preamble and manifest'}];
  for (const [index, segment] of info.segments.entries()) {
    parts.push({from: segment.offset, to: segment.offset + segment.stored_length, kind: kindOf(segment.used_by),
                what: `segment ${index}: ${segment.used_by}, ${segment.encoding}`});
  }
  const x = (byte) => WIDTH * byte / info.file_length;
  const used = new Set(parts.map((part) => part.kind));
  const map = drawing('svg', {viewBox: `0 0 ${WIDTH} 48`, role: 'img',
    'aria-label': `The ${count(info.file_length)} bytes of the file to scale; the table of segments has the numbers`},
    ...parts.map((part) => drawing('rect', {class: `segment kind${part.kind}`, x: x(part.from), y: 0, height: 48,
      width: Math.max(LEAST, x(part.to - part.from))},
      drawing('title', {}, `${part.what}: ${bytes(part.to - part.from)} from byte ${part.from} on`))));
  const legend = element('ul', {class: 'legend'}, ...KINDS.map((name, kind) => [name, kind])
    .filter(([, kind]) => used.has(kind)).map(([name, kind]) => {
      const total = parts.filter((part) => part.kind === kind).reduce((sum, part) => sum + part.to - part.from, 0);
      const box = drawing('svg', {viewBox: '0 0 1 1', 'aria-hidden': 'true'},
        drawing('rect', {class: `kind${kind}`, width: 1, height: 1}));
      return element('li', {}, box, `${name}: ${bytes(total)}`);
    }));
  return element('div', {}, map, legend);
}

/** How the numbers of a tensor are distributed: what Model.measure returns. */
export function histogram(name, distribution) {
  const {bars, least, most, mean, deviation} = distribution;
  const highest = Math.max(...bars, 1);
  const width = WIDTH / bars.length;
  const numbers = `${count(distribution.count)} numbers from ${figure(least)} to ${figure(most)}, mean ` +
    `${figure(mean)}, deviation ${figure(deviation)}` +
    (distribution.not_finite > 0 ? `; ${count(distribution.not_finite)} are not finite` : '');
  return element('figure', {},
    drawing('svg', {viewBox: `0 0 ${WIDTH} 160`, role: 'img', 'aria-label': `Histogram of ${visible(name)}: ${numbers}`},
      ...bars.map((bar, index) => drawing('rect', {class: 'kind1', x: index * width + 1, width: width - 2,
        y: 140 - 136 * bar / highest, height: 136 * bar / highest})),
      drawing('text', {x: 0, y: 156}, figure(least)),
      drawing('text', {x: WIDTH, y: 156, 'text-anchor': 'end'}, figure(most))),
    element('figcaption', {class: 'quiet'}, element('code', {}, name), `: ${numbers}`));
}
