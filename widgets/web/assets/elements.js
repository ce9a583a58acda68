// How elements and containers look. Each maker gets (app, node, props) and gives what app.js needs:
// {el, slot?: where its children go, update?(props), placed?(kids), destroy?()}.
//
// Text becomes text nodes, never markup: nothing that a script puts on a page can act in it.

export function h(tag, attributes = {}, ...kids) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) el[name] = value;
    else if (name === 'value' || name === 'checked') el[name] = value;
    else el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...kids.filter((kid) => kid !== null && kid !== undefined));
  return el;
}

export const media = (link) => `/media/${link}`;

const number = new Intl.NumberFormat('en', {maximumFractionDigits: 6});
export const shown = (value) => value === null || value === undefined ? ''
  : typeof value === 'number' ? number.format(value) : String(value);

// An element whose whole content is made anew from its props.
const simple = (tag, className, fill) => (app, node, props) => {
  const el = h(tag, {class: className});
  const update = (now) => fill(el, now);
  update(props);
  return {el, update};
};
const plain = (tag, className) =>
  simple(tag, className, (el, props) => { el.textContent = props.text ?? ''; });

// --- Markdown: blocks, then what is inside a line. No HTML.

const INLINE = /(`+)(.+?)\1|\*\*(.+?)\*\*|__(.+?)__|~~(.+?)~~|\*(\S(?:.*?\S)?)\*|\b_(\S(?:.*?\S)?)_\b|\[([^\]]+)\]\(((?:[^\s()]|\([^\s()]*\))+)\)/;

function inline(text, into) {
  for (;;) {
    const found = INLINE.exec(text);
    if (!found) break;
    into.append(text.slice(0, found.index));
    const [all, ticks, code, bold, bold2, struck, italic, italic2, words, address] = found;
    if (ticks) {
      into.append(h('code', {}, code));
    } else if (words) {
      const isSafe = /^(https?:|mailto:|#)/i.test(address);
      const link = isSafe ? h('a', {href: address, rel: 'noopener noreferrer', target: '_blank'})
        : h('span');
      inline(words, link);
      into.append(link);
    } else {
      const inner = h(bold ?? bold2 ? 'strong' : struck ? 's' : 'em');
      inline(bold ?? bold2 ?? struck ?? italic ?? italic2, inner);
      into.append(inner);
    }
    text = text.slice(found.index + all.length);
  }
  into.append(text);
}

export function markdown(text, into) {
  into.replaceChildren();
  const lines = text.split('\n');
  let i = 0;
  const paragraph = (tag, words) => {
    const el = h(tag);
    inline(words, el);
    into.append(el);
  };
  while (i < lines.length) {
    const line = lines[i];
    let found;
    if (!line.trim()) {
      ++i;
    } else if ((found = /^\s*(`{3,}|~{3,})/.exec(line))) {
      const code = [];
      for (++i; i < lines.length && !lines[i].trim().startsWith(found[1]); ++i) code.push(lines[i]);
      ++i;
      into.append(h('pre', {}, h('code', {}, code.join('\n'))));
    } else if ((found = /^(#{1,6})\s+(.*)/.exec(line))) {
      paragraph(`h${found[1].length}`, found[2]);
      ++i;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      into.append(h('hr'));
      ++i;
    } else if (/^\s*>/.test(line)) {
      const quoted = [];
      for (; i < lines.length && /^\s*>/.test(lines[i]); ++i) quoted.push(lines[i].replace(/^\s*> ?/, ''));
      const quote = h('blockquote');
      markdown(quoted.join('\n'), quote);
      into.append(quote);
    } else if ((found = /^\s*([-*+]|\d+[.)])\s+/.exec(line))) {
      const isNumbered = /\d/.test(found[1]);
      const list = h(isNumbered ? 'ol' : 'ul', isNumbered ? {start: parseInt(found[1], 10)} : {});
      for (; i < lines.length && (found = /^\s*([-*+]|\d+[.)])\s+(.*)/.exec(lines[i])); ++i) {
        const item = h('li');
        inline(found[2], item);
        list.append(item);
      }
      into.append(list);
    } else if (line.includes('|') && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(lines[i + 1] ?? '')) {
      const cells = (row) => row.trim().replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim());
      const row = (tag, words) => h('tr', {}, ...words.map((word) => {
        const cell = h(tag, tag === 'th' ? {scope: 'col'} : {});
        inline(word, cell);
        return cell;
      }));
      const body = h('tbody');
      const head = row('th', cells(line));
      for (i += 2; i < lines.length && lines[i].includes('|'); ++i) body.append(row('td', cells(lines[i])));
      into.append(h('table', {class: 'table table-sm'}, h('thead', {}, head), body));
    } else {
      const words = [];
      for (; i < lines.length && lines[i].trim() && !/^(#{1,6}\s|\s*(`{3,}|~{3,}|>|[-*+]\s|\d+[.)]\s))/.test(lines[i]); ++i) {
        words.push(lines[i].trim());
      }
      if (words.length === 0) words.push(lines[i++]);
      paragraph('p', words.join('\n'));
    }
  }
}

// --- tables

const isNumeric = (column) => column.type !== 'text';

export function tableOf(data, {order = null, onSort = null, sorted = null, label = null} = {}) {
  const rows = order ?? Array.from({length: Math.max(0, ...data.columns.map((c) => c.cells.length))}, (_, i) => i);
  const heads = data.columns.map((column, index) => {
    const isSorted = sorted?.index === index;
    return h('th', {
      scope: 'col', class: isNumeric(column) ? 'number' : null,
      'aria-sort': onSort ? isSorted ? sorted.isDown ? 'descending' : 'ascending' : 'none' : null,
    }, onSort ? h('button', {type: 'button', class: 'sort', onclick: () => onSort(index)},
                  column.name, isSorted ? (sorted.isDown ? ' ▾' : ' ▴') : '') : column.name);
  });
  const body = h('tbody');
  for (const row of rows) {
    body.append(h('tr', {}, ...data.columns.map((column) =>
      h('td', {class: isNumeric(column) ? 'number' : null}, shown(column.cells[row])))));
  }
  return h('table', {class: 'table table-sm data', 'aria-label': label},
           h('thead', {}, h('tr', {}, ...heads)), body);
}

function csvOf(data) {
  const quoted = (cell) => /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const rows = Math.max(0, ...data.columns.map((c) => c.cells.length));
  const lines = [data.columns.map((c) => quoted(c.name)).join(',')];
  for (let i = 0; i < rows; ++i) {
    lines.push(data.columns.map((c) => quoted(String(c.cells[i] ?? ''))).join(','));
  }
  return lines.join('\r\n') + '\r\n';
}

function save(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], {type}));
  h('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function dataframe(app, node, props) {
  const scroller = h('div', {class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Table'});
  const foot = h('div', {class: 'table-foot'});
  const el = h('div', {}, scroller, foot);
  let data = null, sorted = null;
  const draw = () => {
    const count = Math.max(0, ...data.columns.map((c) => c.cells.length));
    const order = Array.from({length: count}, (_, i) => i);
    if (sorted && data.columns[sorted.index]) {
      const cells = data.columns[sorted.index].cells;
      const less = (a, b) => a === b ? 0 : a === null || a === undefined ? 1 : b === null || b === undefined ? -1
        : typeof a === 'number' ? a - b : String(a).localeCompare(String(b));
      order.sort((a, b) => (sorted.isDown ? -1 : 1) * less(cells[a], cells[b]));
    }
    const onSort = (index) => {
      sorted = sorted?.index !== index ? {index, isDown: false} : sorted.isDown ? null : {index, isDown: true};
      draw();
      scroller.querySelectorAll('.sort')[index]?.focus();
    };
    scroller.replaceChildren(tableOf(data, {order, onSort, sorted}));
    const isCut = count < data.rows;
    foot.replaceChildren(
      isCut ? `The first ${shown(count)} of ${shown(data.rows)} rows. ` : `${shown(count)} ${count === 1 ? 'row' : 'rows'}`,
      h('button', {type: 'button', class: 'btn btn-sm btn-link', onclick: () => save('table.csv', csvOf(data), 'text/csv')},
        isCut ? 'Save these as CSV' : 'Save as CSV'));
  };
  const update = (now) => { data = now.data; draw(); };
  update(props);
  return {el, update};
}

// --- charts

const charts = new Set();
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function themeCharts() {
  for (const one of charts) one.draw();
}

function seriesOf(props, kind) {
  const columns = props.data.columns;
  const x = props.x ? columns.find((column) => column.name === props.x) : null;
  const lines = columns.filter((column) =>
    column !== x && isNumeric(column) && (!props.y || props.y.includes(column.name)));
  const count = Math.max(0, ...columns.map((column) => column.cells.length));
  const labels = x ? x.cells : Array.from({length: count}, (_, i) => i * props.data.step);
  const isLinear = kind !== 'bar_chart' && (!x || isNumeric(x));
  return {labels, lines, isLinear, isWhole: isLinear && (!x || x.type === 'integer')};
}

function chart(app, node, props) {
  const kind = node.kind;
  const title = h('figcaption');
  const canvas = h('canvas', {role: 'img'});
  const table = h('details', {class: 'chart-data'}, h('summary', {}, 'Data'));
  const el = h('figure', {class: 'chart'}, title, h('div', {class: 'chart-box'}, canvas), table);
  let drawn = null, now = props, frame = 0;
  const config = () => {
    const {labels, lines, isLinear, isWhole} = seriesOf(now, kind);
    const grid = css('--ms-grid'), ink = css('--ms-muted');
    const isPoints = kind === 'scatter_chart';
    const axis = (text, precision) => ({
      grid: {color: grid, drawBorder: false},
      ticks: {color: ink, maxRotation: 0, autoSkipPadding: 16, precision},
      title: {display: Boolean(text), text, color: ink},
    });
    return {
      type: isPoints ? 'scatter' : kind === 'bar_chart' ? 'bar' : 'line',
      data: {
        labels: isLinear ? undefined : labels.map(shown),
        datasets: lines.map((line, i) => {
          const color = css(`--ms-series-${i % 8 + 1}`);
          return {
            label: line.name,
            data: isLinear ? line.cells.map((y, row) => ({x: labels[row], y})) : line.cells,
            borderColor: color,
            backgroundColor: kind === 'area_chart' ? `${color}40` : isPoints ? `${color}b0` : color,
            fill: kind === 'area_chart' ? 'origin' : false,
            borderWidth: kind === 'bar_chart' ? 0 : 2,
            borderRadius: kind === 'bar_chart' ? 3 : 0,
            pointRadius: isPoints ? 3 : 0,
            pointHitRadius: 8,
          };
        }),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: {mode: isPoints ? 'nearest' : 'index', intersect: false},
        parsing: isLinear ? {xAxisKey: 'x', yAxisKey: 'y'} : true,
        scales: {
          x: {...axis(now.x_label ?? now.x, isWhole ? 0 : undefined), type: isLinear ? 'linear' : 'category', bounds: isPoints ? 'ticks' : 'data',
              grid: {display: false, drawBorder: false}},
          y: {...axis(now.y_label), beginAtZero: kind === 'area_chart' || kind === 'bar_chart'},
        },
        plugins: {
          legend: {display: lines.length > 1, position: 'bottom', labels: {color: ink, boxWidth: 14, boxHeight: 2}},
          tooltip: {mode: isPoints ? 'nearest' : 'index', intersect: false},
        },
      },
    };
  };
  const draw = () => {
    const {options, data, type} = config();
    if (drawn && drawn.config.type === type) {
      drawn.data = data;
      drawn.options = options;
      drawn.update();
    } else {
      drawn?.destroy();
      drawn = new globalThis.Chart(canvas, {type, data, options});
    }
  };
  const update = (next) => {
    now = next;
    const {lines} = seriesOf(now, kind);
    const step = now.data.step > 1 ? `, every ${now.data.step}th of ${shown(now.data.rows)} rows` : '';
    title.textContent = (now.text ?? '') + step;
    title.hidden = !title.textContent;
    canvas.setAttribute('aria-label', `${now.text || 'Chart'}: ${lines.map((line) => line.name).join(', ')}`);
    table.open = false;
    // Drawing takes longer than all the rest: words and numbers do not wait for it.
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => { if (drawn) draw(); });
  };
  table.ontoggle = () => {
    table.querySelector('.table-scroll')?.remove();
    if (table.open) {
      table.append(h('div', {class: 'table-scroll', tabindex: '0'}, tableOf(now.data, {label: now.text})));
    }
  };
  const self = {draw: () => { if (drawn) draw(); }};
  charts.add(self);
  update(props);
  // A chart needs its size: it is drawn when it is on the page, and seen for the first time.
  const seen = new IntersectionObserver((entries) => {
    if (drawn || !entries.some((entry) => entry.isIntersecting)) return;
    draw();
  }, {rootMargin: '200px'});
  seen.observe(canvas);
  return {el, update, destroy() { cancelAnimationFrame(frame); seen.disconnect(); charts.delete(self); drawn?.destroy(); }};
}

// --- JSON

function jsonTree(value, depth, isOpen) {
  const isList = Array.isArray(value);
  if (value === null || typeof value !== 'object') {
    return h('span', {class: `json-${value === null ? 'null' : typeof value}`}, JSON.stringify(value));
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return h('span', {}, isList ? '[]' : '{}');
  const body = h('div', {class: 'json-body'}, ...entries.slice(0, 1000).map(([name, one]) =>
    h('div', {}, h('span', {class: 'json-name'}, isList ? `${name}: ` : `${JSON.stringify(name)}: `),
      jsonTree(one, depth + 1, isOpen))));
  return h('details', {open: isOpen && depth < 4}, h('summary', {}, isList ? `[${entries.length}]` : `{${entries.length}}`), body);
}

// --- containers

const box = (tag, className) => () => ({el: h(tag, {class: className})});

function columns(app, node, props) {
  const el = h('div', {class: 'columns'});
  return {el, placed: (kids) => el.style.setProperty('--ms-columns', kids.map((kid) => `minmax(0, ${kid.weight ?? 1}fr)`).join(' '))};
}

function tabs(app, node) {
  const bar = h('div', {role: 'tablist', class: 'tab-bar'});
  const slot = h('div', {class: 'tab-panels'});
  const el = h('div', {class: 'tabs'}, bar, slot);
  let current = null, all = [];
  const select = (id, hasFocus) => {
    current = id;
    for (const kid of all) {
      const isCurrent = kid.id === id;
      kid.el.hidden = !isCurrent;
      kid.button.setAttribute('aria-selected', String(isCurrent));
      kid.button.tabIndex = isCurrent ? 0 : -1;
      if (isCurrent && hasFocus) kid.button.focus();
    }
  };
  bar.onkeydown = (event) => {
    const at = all.findIndex((kid) => kid.id === current);
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    select(all[(to + all.length) % all.length].id, true);
  };
  const placed = (kids) => {
    all = kids;
    for (const kid of kids) kid.button.onclick = () => select(kid.id, false);
    bar.replaceChildren(...kids.map((kid) => kid.button));
    select(kids.some((kid) => kid.id === current) ? current : kids[0]?.id, false);
  };
  return {el, slot, placed};
}

function tab(app, node, props) {
  const name = `tab-${node.id}`;
  node.button = h('button', {type: 'button', role: 'tab', id: name, class: 'tab-button', 'aria-controls': `${name}-panel`});
  const el = h('div', {role: 'tabpanel', id: `${name}-panel`, 'aria-labelledby': name, class: 'stack'});
  const update = (now) => { node.button.textContent = now.text ?? ''; };
  update(props);
  return {el, update};
}

function expander(app, node, props) {
  const summary = h('summary');
  const slot = h('div', {class: 'stack'});
  const el = h('details', {class: 'expander', open: props.expanded === true}, summary, slot);
  const update = (now) => { summary.textContent = now.text ?? ''; };
  update(props);
  return {el, slot, update};
}

// --- the rest

const alert = (kind, icon) => simple('div', `alert alert-${kind}`, (el, props) => {
  el.setAttribute('role', kind === 'danger' ? 'alert' : 'status');
  const words = h('div', {class: 'markdown'});
  markdown(props.text ?? '', words);
  el.replaceChildren(h('span', {class: 'alert-icon', 'aria-hidden': 'true'}, icon), words);
});

function exception(app, node, props) {
  const el = h('div', {class: 'alert alert-danger exception', role: 'alert'});
  const update = (now) => {
    el.replaceChildren(h('strong', {}, 'The app reports an error'), h('p', {}, now.text ?? ''));
    if (!app.isReplay) app.toast(now.text ?? '', 'error');
  };
  update(props);
  return {el, update};
}

function toastElement(app, node, props) {
  const tell = (now) => { if (!app.isReplay) app.toast(now.text ?? '', 'info', now.icon); };
  tell(props);
  return {el: h('div', {class: 'nothing'}), update: tell};
}

function progress(app, node, props) {
  const words = h('div', {id: `progress-${node.id}`});
  const fill = h('div', {class: 'progress-bar'});
  const bar = h('div', {class: 'progress', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100,
                        'aria-labelledby': words.id}, fill);
  const el = h('div', {}, words, bar);
  const update = (now) => {
    words.textContent = now.text ?? '';
    const percent = Math.round(now.fraction * 100);
    bar.setAttribute('aria-valuenow', percent);
    if (!now.text) bar.setAttribute('aria-label', 'Progress');
    fill.style.width = `${percent}%`;
  };
  update(props);
  return {el, update};
}

function code(app, node, props) {
  const body = h('code');
  const copy = h('button', {type: 'button', class: 'btn btn-sm copy', 'aria-label': 'Copy the code'}, 'Copy');
  const el = h('div', {class: 'code'}, h('pre', {tabindex: '0'}, body), copy);
  const update = (now) => {
    const lines = (now.text ?? '').split('\n');
    body.className = now.language ? `language-${now.language}` : '';
    if (now.line_numbers) {
      body.replaceChildren(...lines.map((line) => h('span', {class: 'line'}, line + '\n')));
    } else {
      body.textContent = now.text ?? '';
    }
    copy.onclick = async () => {
      try {
        await navigator.clipboard.writeText(now.text ?? '');
        copy.textContent = 'Copied';
      } catch {
        copy.textContent = 'Not allowed';
      }
      setTimeout(() => { copy.textContent = 'Copy'; }, 1500);
    };
  };
  update(props);
  return {el, update};
}

const metric = simple('div', 'metric', (el, props) => {
  const delta = props.delta;
  const isLoss = typeof delta === 'number' ? delta < 0 : String(delta ?? '').trim().startsWith('-');
  el.replaceChildren(
    h('div', {class: 'metric-label', title: props.help}, props.text ?? ''),
    h('div', {class: 'metric-value'}, shown(props.value)));
  if (delta !== undefined) {
    el.append(h('div', {class: isLoss ? 'metric-delta loss' : 'metric-delta gain'},
                h('span', {'aria-hidden': 'true'}, isLoss ? '↓ ' : '↑ '), shown(delta)));
  }
});

const image = simple('figure', 'image', (el, props) => {
  el.replaceChildren(h('img', {src: media(props.link), alt: props.text || props.file?.name || 'Image',
                               width: props.width}));
  if (props.text) el.append(h('figcaption', {}, props.text));
});

const player = (tag) => simple('div', tag, (el, props) => {
  const start = props.start ? `#t=${props.start}` : '';
  el.replaceChildren(h(tag, {controls: true, preload: 'metadata', src: media(props.link) + start, loop: props.loop,
                             autoplay: props.autoplay, 'aria-label': props.file?.name || tag}));
});

export const elementKinds = {
  text: plain('p', 'text'),
  title: plain('h1', ''),
  header: plain('h2', ''),
  subheader: plain('h3', ''),
  caption: simple('div', 'caption markdown', (el, props) => markdown(props.text ?? '', el)),
  markdown: simple('div', 'markdown', (el, props) => markdown(props.text ?? '', el)),
  code,
  json: simple('div', 'json', (el, props) =>
    el.replaceChildren(jsonTree(JSON.parse(props.text), 0, props.expanded !== false))),
  divider: box('hr', ''),
  metric,
  dataframe,
  table: simple('div', 'table-whole', (el, props) => el.replaceChildren(tableOf(props.data))),
  line_chart: chart,
  area_chart: chart,
  bar_chart: chart,
  scatter_chart: chart,
  image,
  audio: player('audio'),
  video: player('video'),
  success: alert('success', '✓'),
  info: alert('info', 'ℹ'),
  warning: alert('warning', '⚠'),
  error: alert('danger', '✕'),
  exception,
  toast: toastElement,
  spinner: simple('div', 'spinner', (el, props) => {
    el.setAttribute('role', 'status');
    el.replaceChildren(h('span', {class: 'spinner-wheel', 'aria-hidden': 'true'}), props.text || 'Running …');
  }),
  progress,
  empty: box('div', 'nothing'),
  container: box('div', 'stack'),
  fragment: box('div', 'stack'),
  columns,
  column(app, node, props) {
    const update = (now) => { node.weight = now.weight; };
    update(props);
    return {el: h('div', {class: 'stack'}), update};
  },
  tabs,
  tab,
  expander,
  form: () => ({el: h('div', {role: 'group', 'aria-label': 'Form', class: 'form stack'})}),
  unknown: plain('p', 'text'),
};
