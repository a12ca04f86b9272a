// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// A file is chosen, dropped or named; what is in it is shown, and checked at once where that is quick. So are the models
// that it starts from, where there are any.

import {byteRanges, open} from '../package/mcnc.js';
import {histogram} from './charts.js';
import {bytes, count, element, visible} from './elements.js';
import {basesSection} from './bases.js';
import {modelSections, rangesTable} from './model.js';

const QUICK_WORK = 2 ** 33;      // multiply-adds
const QUICK_BYTES = 64 * 2 ** 20;  // of weights, or of a file whose bytes are explained without being asked

const byId = (id) => document.getElementById(id);
const [status, error, shown] = ['status', 'error', 'model'].map(byId);

let model = null;
let giveBases = null;  // takes the base models of the file that is shown; null where it starts from none
let opening = 0;  // number of the file that is shown or being opened: what belongs to an earlier one is dropped

function say(text) {
  status.textContent = text;
}

function showError(title, problem) {
  const about = [
    problem.rule ? `rule ${problem.rule}` : '',
    problem.offset !== null && problem.offset !== undefined ? `byte ${count(problem.offset)}` : '',
    problem.code ? `error ${problem.code}` : '',
  ].filter((text) => text !== '').join(', ');
  error.replaceChildren(element('h2', {}, title), element('p', {class: 'sentence'}, problem.message),
    element('p', {class: 'quiet mono about'}, about));
  error.dataset.rule = problem.rule ?? '';
  error.dataset.offset = problem.offset ?? '';
  error.dataset.code = problem.code ?? '';
  error.hidden = false;
  say('');
}

// Buttons that work on the file, one at a time.
function busy(yes) {
  for (const button of shown.querySelectorAll('button')) button.disabled = yes;
}

async function working(current, what, work) {
  busy(true);
  say(`${what} …`);
  try {
    const value = await work();
    if (current === opening) say('');
    return value;
  } catch (problem) {
    if (current === opening) showError(`${what} failed`, problem);
    return undefined;
  } finally {
    if (current === opening) busy(false);
  }
}

async function verify(current, line, bar) {
  bar.hidden = false;
  bar.value = 0;
  line.textContent = '';
  const start = performance.now();
  error.hidden = true;
  const checked = await working(current, 'Checking', () => model.verify({progress: (done, total) => {
    bar.max = Math.max(total, 1);
    bar.value = done;
  }}));
  bar.hidden = true;
  if (current !== opening) return;
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  line.className = checked ? 'good' : 'bad';
  line.textContent = !checked ? 'Something is wrong with this file.' :
    checked.withoutBases ? `Right in ${seconds} s, as far as that shows without its base models: give them below.` :
    `Every digest is right: checked in ${seconds} s.`;
  line.dataset.done = checked ? 'right' : 'wrong';
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  element('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function bytesSection(current, explain) {
  const place = element('div', {id: 'ranges'});
  const details = element('details', {}, element('summary', {}, element('h2', {}, 'Every byte')), place);
  let asked = false;
  details.addEventListener('toggle', async () => {
    if (!details.open || asked) return;
    asked = true;
    const ranges = await working(current, 'Reading every byte', explain);
    if (ranges !== undefined && current === opening) place.replaceChildren(rangesTable(ranges));
  });
  return details;
}

async function show(source, name) {
  const current = ++opening;
  model?.close();
  model = null;
  giveBases = null;
  shown.hidden = true;
  shown.replaceChildren();
  error.hidden = true;
  say(`Opening ${name} …`);
  let opened;
  try {
    opened = await open(source);
  } catch (problem) {
    if (current !== opening) return;
    showError(`${name} is refused`, problem);
    // A file that could be read at all has bytes that can be explained.
    if (problem.number >= 200 && problem.code !== 'read' && problem.code !== 'argument') {
      shown.replaceChildren(bytesSection(current, () => byteRanges(source)));
      shown.hidden = false;
      shown.dataset.shown = 'refused';
    }
    return;
  }
  if (current !== opening) {
    opened.close();
    return;
  }
  model = opened;
  const {info} = model;
  const chart = element('div', {id: 'histogram', 'aria-live': 'polite'});
  const line = element('span', {id: 'verified', role: 'status'});
  const bar = element('progress', {'aria-label': 'Checked', hidden: ''});
  const check = element('button', {id: 'verify', onclick: () => verify(current, line, bar)}, 'Check every digest');
  const download = element('button', {id: 'download', onclick: async () => {
    const blob = await working(current, 'Decoding', () => model.safetensors());
    if (blob) save(blob, `${name.replace(/\.mcnc$/, '')}.safetensors`);
  }}, `Download as safetensors (${bytes(info.budget.output_bytes)})`);
  const measure = async (tensor) => {
    const distribution = await working(current, `Decoding ${tensor.name}`, () => model.measure(tensor.name));
    if (distribution === undefined || current !== opening) return;
    chart.replaceChildren(histogram(tensor.name, distribution));
    chart.scrollIntoView({block: 'nearest'});
  };
  const details = bytesSection(current, () => model.byteRanges());
  const quick = info.budget.output_bytes <= QUICK_BYTES && info.budget.multiply_adds <= QUICK_WORK;
  const bases = [];
  if (info.bases.length > 0) {
    const given = element('p', {id: 'given', role: 'status'}, 'None is given yet.');
    giveBases = async (files, names) => {
      const taken = await working(current, 'Opening base models', async () => {
        error.hidden = true;
        await model.setBases(files);
        return true;
      });
      if (!taken || current !== opening) return;
      given.textContent = `Given: ${names.map(visible).join(', ')}.`;
      line.dataset.done = '';
      line.textContent = '';
      if (quick) await verify(current, line, bar);
    };
    bases.push(basesSection(info.bases, giveBases), given);
  }
  shown.replaceChildren(element('div', {class: 'actions'}, check, download, bar, line), ...bases, chart,
    ...modelSections(name, info, measure), details);
  shown.hidden = false;
  shown.dataset.shown = 'model';
  performance.mark('shown');
  say('');
  if (quick && typeof source !== 'string') {
    await verify(current, line, bar);
  }
  if (current === opening && info.file_length <= QUICK_BYTES && typeof source !== 'string') details.open = true;
}

byId('file').addEventListener('change', (event) => {
  const [file] = event.target.files;
  if (file) show(file, file.name);
});
// The same file may be chosen again, when it has changed.
byId('file').addEventListener('click', (event) => {
  event.target.value = '';
});
byId('from-url').addEventListener('submit', (event) => {
  event.preventDefault();
  const url = byId('url').value;
  show(url, url.split('/').pop() || url);
});
for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.toggle('dragging', kind === 'dragenter' || kind === 'dragover');
    if (kind !== 'drop') return;
    const files = [...event.dataTransfer.files];
    if (files.length === 0) return;
    // What is dropped where base models are asked for is one, and so is what no .mcnc file can be.
    const areBases = giveBases !== null &&
        (event.target.closest?.('#bases') || files.every((file) => file.name.endsWith('.safetensors')));
    if (areBases) giveBases(files, files.map((file) => file.name));
    else show(files[0], files[0].name);
  });
}
// A link to this page may name a file: ?url=...
const named = new URLSearchParams(location.search).get('url');
if (named) {
  byId('url').value = named;
  show(named, named.split('/').pop() || named);
}
