// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Where the models are given that the shown file starts from.

import {element} from './elements.js';

/** bases: of Model.info. give(files, names): called with Blobs or URLs, as Model.setBases takes them. */
export function basesSection(bases, give) {
  const choice = element('input', {id: 'base-files', type: 'file', accept: '.mcnc,.safetensors', multiple: '',
    onchange: ({target}) => {
      const files = [...target.files];
      if (files.length > 0) give(files, files.map((file) => file.name));
    },
    // The same file may be chosen again, when it has changed.
    onclick: ({target}) => { target.value = ''; }});
  const address = element('input', {id: 'base-url', type: 'url', placeholder: 'https://...', required: '',
    autocomplete: 'off', spellcheck: 'false'});
  const named = element('form', {onsubmit: (event) => {
    event.preventDefault();
    give([address.value], [address.value]);
  }}, element('label', {for: 'base-url'}, 'or the address of one'), address, element('button', {}, 'Open the base model'));
  const names = [...new Set(bases.map((base) => base.name || 'one without a name'))].join(', ');
  return element('section', {id: 'bases', class: 'choose', 'aria-label': 'Open base models'},
    element('div', {class: 'drop'},
      element('label', {for: 'base-files'}, `This file starts from another model, ${names}. Choose the file of that, ` +
        '.mcnc or .safetensors, or drop it here; all of them where it has several'), choice), named);
}
