// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Pieces of the page. Texts of files go into it as text, never as HTML, and what would hide in them or turn a line around
// is written out.

/** The text with every control, format and private character as \u{hex}. */
export function visible(text) {
  return String(text).replace(/[\p{C}\p{Zl}\p{Zp}\\]/gu, (c) => c === '\\' ? '\\\\' : `\\u{${c.codePointAt(0).toString(16)}}`);
}

/** An element with attributes and children, of which texts are made visible. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same of a picture. */
export function drawing(name, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.map((child) => child instanceof Node ? child : visible(child)));
  return made;
}

/** columns: {title, of, right, mono}; `of` makes a cell of a row: a text, a number or an element. */
export function table(caption, columns, rows) {
  const classes = ({right, mono}) => ({class: [right ? 'right' : '', mono ? 'mono' : ''].join(' ').trim()});
  return element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption},
    element('table', {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {},
        ...columns.map((column) => element('th', {scope: 'col', ...classes({right: column.right})}, column.title)))),
      element('tbody', {}, ...rows.map((row, index) => element('tr', {},
        ...columns.map((column) => element('td', classes(column), column.of(row, index))))))));
}

/** A list of names and what they are; those without a value are left out. */
export function facts(entries) {
  return element('dl', {}, ...entries.filter(([, value]) => value !== undefined).flatMap(([name, value]) =>
    [element('dt', {}, name), element('dd', {}, value)]));
}

const grouped = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
export const count = (number) => grouped.format(number);

export function bytes(number) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = number;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    ++unit;
  }
  return unit === 0 ? `${count(number)} bytes` : `${value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

export const figure = (number) => Number(number.toPrecision(4)).toString();
