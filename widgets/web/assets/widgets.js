// How widgets look and behave. Each maker gets (app, node, props, value) and gives
// {el, update?(props), setValue(value), destroy?()}. The value is always the server's kind of value.
import {h, media, shown} from './elements.js';

const idOf = (node, part = 'input') => `w${node.id}-${part}`;

// The label with its help, by the rules of label_visibility. `tag`: of what it labels.
function labelled(node, props, tag = 'label') {
  const label = h(tag, {class: 'form-label', ...(tag === 'label' ? {for: idOf(node)} : {id: idOf(node, 'label')})});
  const help = h('p', {id: idOf(node, 'help'), class: 'help'});
  const update = (now) => {
    label.textContent = now.label;
    label.classList.toggle('visually-hidden', now.label_visibility === 'collapsed');
    label.classList.toggle('is-invisible', now.label_visibility === 'hidden');
    help.textContent = now.help ?? '';
    help.hidden = !now.help;
  };
  update(props);
  return {label, help, update};
}

// A widget that is one input element. `read` gives its value; undefined: not a value now.
function oneInput(app, node, props, value, {input, read, write, fill, event = 'change', wrap = (el) => el}) {
  const words = labelled(node, props);
  input.id = idOf(node);
  input.setAttribute('aria-describedby', words.help.id);
  const el = h('div', {class: 'widget'}, words.label, wrap(input), words.help);
  const update = (now) => {
    words.update(now);
    input.disabled = Boolean(now.disabled);
    fill?.(now);
  };
  input.addEventListener(event, () => {
    const now = read();
    if (now !== undefined) app.change(node, now);
  });
  update(props);
  write(value);
  return {el, update, setValue: write};
}

// --- buttons

const button = (isPrimary) => (app, node, props) => {
  const el = h('div', {class: 'widget'});
  const press = h('button', {type: 'button', id: idOf(node), class: `btn ${isPrimary ? 'btn-primary' : 'btn-outline-primary'}`,
                             onclick: () => app.click(node)});
  const help = h('p', {class: 'help', id: idOf(node, 'help')});
  press.setAttribute('aria-describedby', help.id);
  el.append(press, help);
  const update = (now) => {
    press.textContent = now.label;
    press.disabled = Boolean(now.disabled);
    help.textContent = now.help ?? '';
    help.hidden = !now.help;
  };
  update(props);
  return {el, update, setValue() {}};
};

function downloadButton(app, node, props) {
  const link = h('a', {class: 'btn btn-outline-primary', id: idOf(node), onclick: (event) => {
    if (link.getAttribute('aria-disabled')) event.preventDefault();
    else app.click(node);
  }});
  const update = (now) => {
    link.textContent = `↓ ${now.label}`;
    link.href = media(now.link);
    link.download = now.file?.name || 'download';
    link.title = now.help ?? '';
    link.classList.toggle('disabled', Boolean(now.disabled));
    if (now.disabled) link.setAttribute('aria-disabled', 'true');
    else link.removeAttribute('aria-disabled');
  };
  update(props);
  return {el: h('div', {class: 'widget'}, link), update, setValue() {}};
}

// --- yes or no

const check = (role) => (app, node, props, value) => {
  const input = h('input', {type: 'checkbox', id: idOf(node), class: 'form-check-input', role});
  const label = h('label', {class: 'form-check-label', for: idOf(node)});
  const help = h('p', {class: 'help', id: idOf(node, 'help')});
  input.setAttribute('aria-describedby', help.id);
  const el = h('div', {class: 'widget'}, h('div', {class: `form-check ${role ? 'form-switch' : ''}`}, input, label), help);
  const update = (now) => {
    label.textContent = now.label;
    label.classList.toggle('visually-hidden', Boolean(now.label_visibility));
    input.disabled = Boolean(now.disabled);
    help.textContent = now.help ?? '';
    help.hidden = !now.help;
  };
  input.onchange = () => app.change(node, input.checked);
  const setValue = (now) => { input.checked = now; };
  update(props);
  setValue(value);
  return {el, update, setValue};
};

// --- one of several

function group(node, props, className, role = 'group') {
  const words = labelled(node, props, 'div');
  const body = h('div', {class: className, role, 'aria-labelledby': idOf(node, 'label'), 'aria-describedby': idOf(node, 'help')});
  return {words, body, el: h('div', {class: 'widget'}, words.label, body, words.help)};
}

function radio(app, node, props, value) {
  const {words, body, el} = group(node, props, 'choices', 'radiogroup');
  let inputs = [], current = value;
  const setValue = (now) => {
    current = now;
    for (const {input, option} of inputs) input.checked = option === now;
  };
  const update = (now) => {
    words.update(now);
    inputs = now.options.map((option, i) => ({option, input: h('input', {
      type: 'radio', class: 'form-check-input', name: idOf(node), id: idOf(node, `option-${i}`),
      disabled: now.disabled, onchange: () => { current = option; app.change(node, option); }})}));
    body.replaceChildren(...inputs.map(({input, option}) => h('div', {class: 'form-check'}, input,
      h('label', {class: 'form-check-label', for: input.id}, option))));
    setValue(current);
  };
  update(props);
  return {el, update, setValue};
}

function selectbox(app, node, props, value) {
  const input = h('select', {class: 'form-select'});
  let current = value;
  const write = (now) => { current = now; input.value = now; };
  return oneInput(app, node, props, value, {
    input, write,
    read: () => (current = input.value),
    fill(now) {
      input.replaceChildren(...now.options.map((option) => h('option', {value: option}, option)));
      input.value = current;
    },
  });
}

// Buttons that stay pressed. One value, or a list of them.
const pills = (className) => (app, node, props, value) => {
  const isMany = Array.isArray(props.initial);
  const {words, body, el} = group(node, props, className);
  let current = value, now = props, buttons = [];
  const isOn = (option) => isMany ? current.includes(option) : current === option;
  const setValue = (next) => {
    current = next;
    const isFull = isMany && now.max_selections && current.length >= now.max_selections;
    for (const {press, option} of buttons) {
      press.setAttribute('aria-pressed', String(isOn(option)));
      press.disabled = Boolean(now.disabled) || (isFull && !isOn(option));
    }
  };
  const toggle = (option) => {
    const next = isMany ? isOn(option) ? current.filter((one) => one !== option) : [...current, option]
      : isOn(option) ? null : option;
    setValue(next);
    app.change(node, next);
  };
  const update = (next) => {
    now = next;
    words.update(now);
    buttons = now.options.map((option) => ({option, press: h('button', {
      type: 'button', class: 'pill', onclick: () => toggle(option)}, option)}));
    body.replaceChildren(...buttons.map(({press}) => press));
    setValue(current);
  };
  update(props);
  return {el, update, setValue};
};

function feedback(app, node, props, value) {
  const {words, body, el} = group(node, props, 'feedback');
  const signs = {thumbs: ['👎', '👍'], faces: ['😞', '🙁', '😐', '🙂', '😀'], stars: ['★', '★', '★', '★', '★']}[props.type];
  const names = props.type === 'thumbs' ? ['Thumb down', 'Thumb up'] : signs.map((_, i) => `${i + 1} of ${signs.length}`);
  const buttons = signs.map((sign, i) => h('button', {type: 'button', class: 'sign', 'aria-label': names[i], onclick() {
    const next = current === i ? null : i;
    setValue(next);
    app.change(node, next);
  }}, sign));
  body.append(...buttons);
  let current = value;
  const setValue = (now) => {
    current = now;
    buttons.forEach((one, i) => {
      one.setAttribute('aria-pressed', String(i === now));
      one.classList.toggle('is-on', now !== null && (props.type === 'stars' ? i <= now : i === now));
    });
  };
  const update = (now) => {
    words.update(now);
    for (const one of buttons) one.disabled = Boolean(now.disabled);
  };
  update(props);
  setValue(value);
  return {el, update, setValue};
}

// --- several of many: chips, and a list of check boxes that opens

function multiselect(app, node, props, value) {
  const {words, body, el} = group(node, props, 'multiselect');
  const chips = h('span', {class: 'chips'});
  const opener = h('button', {type: 'button', class: 'form-select opener', 'aria-expanded': 'false', 'aria-controls': idOf(node, 'list')});
  const filter = h('input', {type: 'search', class: 'form-control form-control-sm', placeholder: 'Find', 'aria-label': 'Find an option'});
  const list = h('div', {class: 'option-list'});
  const panel = h('div', {id: idOf(node, 'list'), class: 'option-panel', hidden: true}, filter, list);
  body.append(chips, opener, panel);
  let now = props, current = value, rows = [];
  const open = (isOpen) => {
    panel.hidden = !isOpen;
    opener.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) (filter.hidden ? rows[0]?.input : filter)?.focus();
  };
  const change = (next) => {
    setValue(now.options.filter((option) => next.includes(option)));
    app.change(node, current);
  };
  const setValue = (next) => {
    current = next;
    const isFull = now.max_selections && current.length >= now.max_selections;
    for (const {input, option} of rows) {
      input.checked = current.includes(option);
      input.disabled = Boolean(now.disabled) || (isFull && !input.checked);
    }
    chips.replaceChildren(...current.map((option) => h('span', {class: 'chip'}, option,
      h('button', {type: 'button', class: 'chip-close', 'aria-label': `Remove ${option}`, disabled: now.disabled, onclick() {
        change(current.filter((one) => one !== option));
        opener.focus();
      }}, '×'))));
    opener.textContent = current.length === 0 ? now.placeholder || 'Choose …' : `${current.length} of ${now.options.length} chosen`;
  };
  const update = (next) => {
    now = next;
    words.update(now);
    opener.disabled = Boolean(now.disabled);
    opener.setAttribute('aria-label', now.label);
    filter.hidden = now.options.length <= 8;
    rows = now.options.map((option, i) => {
      const input = h('input', {type: 'checkbox', class: 'form-check-input', id: idOf(node, `option-${i}`), onchange() {
        change(input.checked ? [...current, option] : current.filter((one) => one !== option));
      }});
      return {option, input, row: h('div', {class: 'form-check'}, input, h('label', {class: 'form-check-label', for: input.id}, option))};
    });
    list.replaceChildren(...rows.map(({row}) => row));
    setValue(current);
  };
  opener.onclick = () => open(panel.hidden);
  filter.oninput = () => {
    const wanted = filter.value.toLowerCase();
    for (const {row, option} of rows) row.hidden = !option.toLowerCase().includes(wanted);
  };
  body.onkeydown = (event) => {
    if (event.key === 'Escape' && !panel.hidden) {
      event.stopPropagation();
      open(false);
      opener.focus();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (panel.hidden) return;
      event.preventDefault();
      const inputs = rows.filter(({row}) => !row.hidden).map(({input}) => input);
      const at = inputs.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1);
      inputs[Math.max(0, Math.min(at, inputs.length - 1))]?.focus();
    }
  };
  body.onfocusout = (event) => { if (event.relatedTarget && !body.contains(event.relatedTarget)) open(false); };
  const outside = (event) => { if (!panel.hidden && !body.contains(event.target)) open(false); };
  document.addEventListener('pointerdown', outside);
  update(props);
  return {el, update, setValue, destroy() { document.removeEventListener('pointerdown', outside); }};
}

// --- sliders

const DAY = 86_400_000;
const pad = (n) => String(n).padStart(2, '0');

// What a slider moves over, as numbers: how a value becomes one, and comes back.
function scaleOf(props) {
  if (props.options) {
    return {min: 0, max: props.options.length - 1, step: 1,
            to: (value) => props.options.indexOf(value), from: (n) => props.options[n], text: (n) => props.options[n]};
  }
  if (props.type === 'date') {
    const to = (value) => Date.parse(value) / DAY;
    const from = (n) => new Date(n * DAY).toISOString().slice(0, 10);
    return {min: to(props.min), max: to(props.max), step: props.step, to, from, text: from};
  }
  if (props.type === 'time') {
    const to = (value) => value.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    const from = (n) => `${pad(Math.floor(n / 3600))}:${pad(Math.floor(n / 60) % 60)}:${pad(n % 60)}`;
    return {min: to(props.min), max: to(props.max), step: props.step, to, from, text: (n) => from(n).replace(/:00$/, '')};
  }
  return {min: props.min, max: props.max, step: props.step, to: Number, from: Number, text: shown};
}

function slider(app, node, props, value) {
  const isRange = Array.isArray(props.initial);
  const words = labelled(node, props, isRange ? 'div' : 'label');
  const output = h('output', {class: 'slider-value'});
  const inputs = (isRange ? ['From', 'To'] : ['']).map((end, i) => h('input', {
    type: 'range', class: 'form-range', id: i === 0 ? idOf(node) : idOf(node, 'to'),
    'aria-describedby': idOf(node, 'help')}));
  const track = h('div', {class: isRange ? 'slider is-range' : 'slider'}, ...inputs);
  const ends = h('div', {class: 'slider-ends', 'aria-hidden': 'true'}, h('span'), h('span'));
  const el = h('div', {class: 'widget', ...(isRange ? {role: 'group', 'aria-labelledby': idOf(node, 'label')} : {})},
    h('div', {class: 'slider-head'}, words.label, output), track, ends, words.help);
  let scale = scaleOf(props), current = value, label = props.label;
  const tell = () => {
    const numbers = inputs.map((input) => input.valueAsNumber);
    output.textContent = numbers.map(scale.text).join(' – ');
    const span = scale.max - scale.min || 1;
    const share = (n) => `${(n - scale.min) / span * 100}%`;
    track.style.setProperty('--ms-from', isRange ? share(numbers[0]) : '0%');
    track.style.setProperty('--ms-to', share(numbers.at(-1)));
    inputs.forEach((input, i) => {
      input.setAttribute('aria-valuetext', scale.text(numbers[i]));
      if (isRange) input.setAttribute('aria-label', `${label}, ${i === 0 ? 'from' : 'to'}`);
    });
  };
  const setValue = (now) => {
    current = now;
    (isRange ? now : [now]).forEach((one, i) => { inputs[i].value = scale.to(one); });
    tell();
  };
  inputs.forEach((input, i) => {
    input.addEventListener('input', () => {
      if (isRange) {  // one end stops at the other
        const [from, to] = inputs.map((one) => one.valueAsNumber);
        if (from > to) input.value = i === 0 ? to : from;
      }
      const next = inputs.map((one) => scale.from(one.valueAsNumber));
      current = isRange ? next : next[0];
      tell();
      app.change(node, current);
    });
  });
  const update = (now) => {
    words.update(now);
    label = now.label;
    scale = scaleOf(now);
    for (const input of inputs) {
      Object.assign(input, {min: scale.min, max: scale.max, step: scale.step});
      input.disabled = Boolean(now.disabled);
    }
    ends.children[0].textContent = scale.text(scale.min);
    ends.children[1].textContent = scale.text(scale.max);
    setValue(current);
  };
  update(props);
  return {el, update, setValue};
}

// --- numbers, text, dates

function numberInput(app, node, props, value) {
  const input = h('input', {type: 'number', class: 'form-control', inputmode: 'decimal'});
  const isTelling = (bound) => bound !== undefined && Math.abs(bound) < 2 ** 31 - 1;
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') app.submit(node);
  });
  return oneInput(app, node, props, value, {
    input,
    read() {
      const isGood = input.value !== '' && input.checkValidity();
      input.classList.toggle('is-invalid', !isGood);
      return isGood ? input.valueAsNumber : undefined;
    },
    write(now) {
      input.classList.remove('is-invalid');
      input.value = now;
    },
    fill(now) {
      if (isTelling(now.min)) input.min = now.min;
      if (isTelling(now.max)) input.max = now.max;
      input.step = Number.isInteger(now.initial) && Number.isInteger(now.step) ? now.step : 'any';
    },
  });
}

// Sent when the person is done with it: leaves it, or presses Enter.
function textInput(app, node, props, value) {
  const input = h('input', {class: 'form-control', autocomplete: 'off'});
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    app.change(node, input.value);
    app.submit(node);
  });
  return oneInput(app, node, props, value, {
    input,
    read: () => input.value,
    write: (now) => { if (now !== null) input.value = now; },  // a secret is not sent back
    fill(now) {
      input.type = now.secret ? 'password' : 'text';
      if (now.max_chars !== undefined) input.maxLength = now.max_chars;
      input.placeholder = now.placeholder ?? '';
    },
  });
}

function textArea(app, node, props, value) {
  const input = h('textarea', {class: 'form-control'});
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    app.change(node, input.value);
    app.submit(node);
  });
  return oneInput(app, node, props, value, {
    input,
    read: () => input.value,
    write: (now) => { input.value = now; },
    fill(now) {
      if (now.max_chars !== undefined) input.maxLength = now.max_chars;
      input.placeholder = now.placeholder ?? '';
      input.style.height = now.height ? `${now.height}px` : '';
    },
  });
}

function chatInput(app, node, props) {
  const input = h('input', {class: 'form-control', id: idOf(node), autocomplete: 'off', 'aria-label': props.label});
  const send = h('button', {type: 'button', class: 'btn btn-primary', 'aria-label': 'Send'}, '➤');
  const say = () => {
    if (!input.value) return;
    app.say(node, input.value);
    input.value = '';
    input.focus();
  };
  send.onclick = say;
  input.onkeydown = (event) => { if (event.key === 'Enter' && !event.isComposing) say(); };
  const update = (now) => {
    input.placeholder = now.label;
    input.disabled = send.disabled = Boolean(now.disabled);
    if (now.max_chars !== undefined) input.maxLength = now.max_chars;
  };
  update(props);
  return {el: h('div', {class: 'widget chat'}, input, send), update, setValue() {}};
}

const dates = (type) => (app, node, props, value) => {
  const isRange = Array.isArray(props.initial);
  const words = labelled(node, props, isRange ? 'div' : 'label');
  const inputs = (isRange ? ['from', 'to'] : ['']).map((end, i) => h('input', {
    type, class: 'form-control', id: i === 0 ? idOf(node) : idOf(node, 'to'), 'aria-describedby': idOf(node, 'help'),
    'aria-label': isRange ? `${props.label}, ${end}` : null}));
  const el = h('div', {class: 'widget'}, words.label, h('div', {class: 'date-row'}, ...inputs), words.help);
  const setValue = (now) => (isRange ? now : [now]).forEach((one, i) => {
    inputs[i].value = one;
    inputs[i].classList.remove('is-invalid');
  });
  for (const input of inputs) {
    input.addEventListener('change', () => {
      let isGood = true;
      for (const one of inputs) {
        const isOne = one.value !== '' && one.checkValidity();
        one.classList.toggle('is-invalid', !isOne);
        isGood &&= isOne;
      }
      const now = inputs.map((one) => one.value);
      if (isRange && now[0] > now[1]) {
        isGood = false;
        input.classList.add('is-invalid');
      }
      if (isGood) app.change(node, isRange ? now : now[0]);
    });
  }
  const update = (now) => {
    words.update(now);
    for (const input of inputs) {
      input.disabled = Boolean(now.disabled);
      if (type === 'date') Object.assign(input, {min: now.min, max: now.max});
      else input.step = now.step && now.initial.endsWith(':00') && now.step % 60 === 0 ? 60 : 1;
    }
  };
  update(props);
  setValue(value);
  return {el, update, setValue};
};

function colorPicker(app, node, props, value) {
  const input = h('input', {type: 'color', class: 'form-control form-control-color'});
  return oneInput(app, node, props, value, {input, read: () => input.value, write: (now) => { input.value = now; }});
}

// --- a table to edit: the value is the list of edits

// The cells that a list of edits leaves: of the table's own rows, and of new ones.
function editedCells(edits) {
  const set = new Map(), added = [], deleted = new Set();
  for (const [what, row, ...rest] of edits) {
    if (what === 'set') set.set(`${row} ${rest[0]}`, rest[1]);
    else if (what === 'add') added.push([row, ...rest]);
    else deleted.add(row);
  }
  return {set, added, deleted};
}

const shapeOf = ({added, deleted}) => `${added.length} ${[...deleted].sort()}`;

function dataEditor(app, node, props, value) {
  const {words, body, el} = group(node, props, 'editor');
  let now = props, edits = value, fields = [];  // of each cell: its input, and what it shows
  const rulesOf = (name) => {
    const rules = now.columns.find((one) => one[0] === name);
    return rules ? {min: rules[1], max: rules[2], maxChars: rules[3], options: rules[4], isFixed: rules[5]} : {};
  };
  const send = (next) => {
    edits = next;
    app.change(node, edits);
  };
  const cellInput = (column, label, show, take) => {
    const rules = rulesOf(column.name);
    const isText = column.type === 'text';
    const input = rules.options?.length
      ? h('select', {class: 'cell'}, ...rules.options.map((option) => h('option', {value: option}, option)))
      : h('input', {class: isText ? 'cell' : 'cell number', type: isText ? 'text' : 'number', step: column.type === 'integer' ? 1 : 'any',
                    min: rules.min, max: rules.max, maxlength: rules.maxChars || null});
    input.setAttribute('aria-label', label);
    input.disabled = Boolean(now.disabled || rules.isFixed);
    input.onchange = () => {
      const isGood = input.checkValidity() && (isText || input.value !== '');
      input.classList.toggle('is-invalid', !isGood);
      if (isGood) take(isText ? input.value : Number(input.value));
    };
    fields.push({input, show});
    return h('td', {}, input);
  };
  const fill = () => {
    const cells = editedCells(edits);
    for (const {input, show} of fields) if (input !== document.activeElement) input.value = show(cells) ?? '';
  };
  const isDynamic = () => now.rows === 'dynamic' && !now.disabled;
  const remover = (label, act) => isDynamic()
    ? h('td', {}, h('button', {type: 'button', class: 'btn btn-sm btn-link', 'aria-label': label, onclick() { act(); draw(); }}, '×')) : '';
  const ownRow = (row) => h('tr', {}, ...now.data.columns.map((column) => cellInput(column, `${column.name}, row ${row + 1}`,
    ({set}) => set.get(`${row} ${column.name}`) ?? column.cells[row],
    (cell) => send([...edits.filter((one) => !(one[0] === 'set' && one[1] === row && one[2] === column.name)),
                    ['set', row, column.name, cell]]))),
    remover(`Delete row ${row + 1}`, () =>
      send([...edits.filter((one) => !(one[0] === 'set' && one[1] === row)), ['delete', row]])));
  const newRow = (index) => {
    const isIt = (one, i) => one[0] === 'add' && edits.slice(0, i).filter((other) => other[0] === 'add').length === index;
    return h('tr', {class: 'is-new'}, ...now.data.columns.map((column, at) => cellInput(column, `${column.name}, new row ${index + 1}`,
      ({added}) => added[index]?.[at],
      (cell) => send(edits.map((one, i) => isIt(one, i) ? one.map((old, j) => j === at + 1 ? cell : old) : one)))),
      remover(`Delete new row ${index + 1}`, () => send(edits.filter((one, i) => !isIt(one, i)))));
  };
  const blank = (column) => {
    const rules = rulesOf(column.name);
    return column.type === 'text' ? rules.options?.[0] ?? '' : Math.max(rules.min ?? 0, Math.min(0, rules.max ?? 0));
  };
  const draw = () => {
    const columns = now.data.columns;
    const count = Math.max(0, ...columns.map((column) => column.cells.length));
    const {added, deleted} = editedCells(edits);
    fields = [];
    const rows = Array.from({length: count}, (_, row) => row).filter((row) => !deleted.has(row)).map(ownRow);
    rows.push(...added.map((_, index) => newRow(index)));
    const table = h('table', {class: 'table table-sm data'},
      h('thead', {}, h('tr', {}, ...columns.map((column) => h('th', {scope: 'col', class: column.type === 'text' ? null : 'number'}, column.name)),
        isDynamic() ? h('th', {}, h('span', {class: 'visually-hidden'}, 'Delete')) : '')),
      h('tbody', {}, ...rows));
    const add = isDynamic() ? h('button', {type: 'button', class: 'btn btn-sm btn-outline-primary', onclick() {
      send([...edits, ['add', ...columns.map(blank)]]);
      draw();
      body.querySelector('tbody tr:last-child .cell')?.focus();
    }}, 'Add a row') : '';
    body.replaceChildren(h('div', {class: 'table-scroll'}, table), add);
    fill();
  };
  const setValue = (next) => {
    const isSameShape = shapeOf(editedCells(next)) === shapeOf(editedCells(edits));
    edits = next;
    if (isSameShape) fill();
    else draw();
  };
  const update = (next) => {
    now = next;
    words.update(now);
    draw();
  };
  update(props);
  return {el, update, setValue};
}

// --- uploads

function sendFile(app, node, file, name, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/upload?${node.id}`);
    request.setRequestHeader('X-Session', app.session);
    request.setRequestHeader('X-Name', encodeURIComponent(name));
    if (file.type) request.setRequestHeader('Content-Type', file.type.split(';')[0]);
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onload = () => request.status === 204 ? resolve() : reject(new Error(request.responseText.trim()));
    request.onerror = () => reject(new Error('The upload was cut off.'));
    request.send(file);
  });
}

const size = (bytes) => bytes < 1024 ? `${bytes} bytes` : bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;

// What the three uploads share: what was chosen, the progress, and how to take it back.
function uploadFrame(app, node, props, value) {
  const {words, body, el} = group(node, props, 'upload');
  const controls = h('div', {class: 'upload-controls'});
  const state = h('div', {class: 'upload-state', role: 'status'});
  body.append(controls, state);
  const setValue = (now) => {
    state.replaceChildren();
    if (!now) return;
    state.append(`${now.name || 'Recorded'}, ${size(now.bytes)} `,
      h('button', {type: 'button', class: 'btn btn-sm btn-link', onclick() { app.change(node, null); }}, 'Remove'));
  };
  const send = async (file, name) => {
    const most = props.max_bytes;
    if (most !== undefined && file.size > most) {
      app.toast(`“${name}” is too large: at most ${size(most)} are allowed.`, 'error');
      return;
    }
    const bar = h('progress', {max: 1, value: 0, 'aria-label': 'Upload'});
    state.replaceChildren(bar);
    try {
      await sendFile(app, node, file, name, (share) => { bar.value = share; });
    } catch (error) {
      setValue(value);
      app.toast(error.message, 'error');
    }
  };
  setValue(value);
  return {words, body, el, controls, setValue(now) { value = now; setValue(now); }, send};
}

function fileUploader(app, node, props, value) {
  const frame = uploadFrame(app, node, props, value);
  const input = h('input', {type: 'file', class: 'form-control', id: idOf(node), 'aria-labelledby': idOf(node, 'label'),
                            accept: props.types?.map((type) => `.${type}`).join(',')});
  const hint = h('small', {class: 'help'}, [props.types?.join(', '), props.max_bytes !== undefined ? `up to ${size(props.max_bytes)}` : null].filter(Boolean).join('; '));
  frame.controls.append(input, hint);
  input.onchange = () => {
    if (input.files[0]) frame.send(input.files[0], input.files[0].name);
    input.value = '';
  };
  frame.body.ondragover = (event) => { event.preventDefault(); frame.body.classList.add('is-over'); };
  frame.body.ondragleave = () => frame.body.classList.remove('is-over');
  frame.body.ondrop = (event) => {
    event.preventDefault();
    frame.body.classList.remove('is-over');
    const file = event.dataTransfer.files[0];
    if (file && !input.disabled) frame.send(file, file.name);
  };
  const update = (now) => {
    frame.words.update(now);
    input.disabled = Boolean(now.disabled);
  };
  update(props);
  return {el: frame.el, update, setValue: frame.setValue};
}

const stopStream = (stream) => stream?.getTracks().forEach((track) => track.stop());

function cameraInput(app, node, props, value) {
  const frame = uploadFrame(app, node, props, value);
  const video = h('video', {class: 'camera', muted: true, playsinline: true, hidden: true, 'aria-label': 'Camera'});
  const start = h('button', {type: 'button', class: 'btn btn-outline-primary'}, 'Use the camera');
  const input = h('input', {type: 'file', class: 'form-control', accept: 'image/*', capture: 'environment', 'aria-label': 'Or choose a picture'});
  frame.controls.append(video, start, input);
  let stream = null;
  const stop = () => {
    stopStream(stream);
    stream = null;
    video.hidden = true;
    start.textContent = 'Use the camera';
  };
  start.onclick = async () => {
    if (stream) {
      const canvas = h('canvas', {width: video.videoWidth, height: video.videoHeight});
      canvas.getContext('2d').drawImage(video, 0, 0);
      stop();
      canvas.toBlob((blob) => frame.send(blob, 'picture.jpg'), 'image/jpeg', 0.9);
      return;
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({video: true});
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      start.textContent = 'Take the picture';
    } catch {
      app.toast('There is no camera, or it is not allowed. Choose a picture instead.', 'error');
    }
  };
  input.onchange = () => {
    if (input.files[0]) frame.send(input.files[0], input.files[0].name);
    input.value = '';
  };
  const update = (now) => {
    frame.words.update(now);
    start.disabled = input.disabled = Boolean(now.disabled);
  };
  update(props);
  return {el: frame.el, update, setValue: frame.setValue, destroy: stop};
}

function audioInput(app, node, props, value) {
  const frame = uploadFrame(app, node, props, value);
  const press = h('button', {type: 'button', class: 'btn btn-outline-primary'}, 'Record');
  const input = h('input', {type: 'file', class: 'form-control', accept: 'audio/*', 'aria-label': 'Or choose a recording'});
  frame.controls.append(press, input);
  let recorder = null;
  press.onclick = async () => {
    if (recorder) return recorder.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({audio: true});
      const parts = [];
      recorder = new MediaRecorder(stream);
      recorder.ondataavailable = ({data}) => parts.push(data);
      recorder.onstop = () => {
        stopStream(stream);
        const type = recorder.mimeType.split(';')[0];
        recorder = null;
        press.textContent = 'Record';
        frame.send(new Blob(parts, {type}), `recording.${type.split('/')[1]}`);
      };
      recorder.start();
      press.textContent = 'Stop recording';
    } catch {
      app.toast('There is no microphone, or it is not allowed. Choose a recording instead.', 'error');
    }
  };
  input.onchange = () => {
    if (input.files[0]) frame.send(input.files[0], input.files[0].name);
    input.value = '';
  };
  const update = (now) => {
    frame.words.update(now);
    press.disabled = input.disabled = Boolean(now.disabled);
  };
  update(props);
  return {el: frame.el, update, setValue: frame.setValue, destroy() { recorder?.stop(); }};
}

// A widget of the application's own: its value as JSON.
export function unknownWidget(app, node, props, value) {
  const input = h('input', {class: 'form-control', spellcheck: 'false'});
  return oneInput(app, node, props, value, {
    input,
    read() {
      try {
        const now = JSON.parse(input.value);
        input.classList.remove('is-invalid');
        return now;
      } catch {
        input.classList.add('is-invalid');
        return undefined;
      }
    },
    write: (now) => { input.value = JSON.stringify(now); },
  });
}

export const widgetKinds = {
  button: button(false),
  form_submit_button: button(true),
  download_button: downloadButton,
  checkbox: check(null),
  toggle: check('switch'),
  radio,
  selectbox,
  multiselect,
  select_slider: slider,
  slider,
  pills: pills('pills'),
  segmented_control: pills('segments'),
  feedback,
  number_input: numberInput,
  text_input: textInput,
  text_area: textArea,
  chat_input: chatInput,
  date_input: dates('date'),
  time_input: dates('time'),
  color_picker: colorPicker,
  data_editor: dataEditor,
  file_uploader: fileUploader,
  camera_input: cameraInput,
  audio_input: audioInput,
};
