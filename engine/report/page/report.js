// The page of a report: draws the JSON of memoscape-report, and keeps it current when it is served.
// All text from outside goes through `visible` and textContent, never through markup.
'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  const options = JSON.parse(byId('memoscape-options').textContent);
  const kPageRows = 25;

  // --- text ---

  // Characters that would reorder, hide or break a line are shown by their numbers.
  const kHarmful = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
  const kMostText = 2000;
  const visible = (text) => {
    const cut = text.length > kMostText ? text.slice(0, kMostText) + '\u2026' : text;
    return cut.replace(kHarmful, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
  };
  const short = (text, most) => (text.length > most ? text.slice(0, most - 1) + '\u2026' : text);

  const bytesText = (n) => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
    let unit = 0;
    while (n >= 1023.95 && unit + 1 < units.length) { n /= 1024; ++unit; }
    return (unit === 0 ? Math.round(n) : n.toFixed(1)) + ' ' + units[unit];
  };
  const count = (n) => Math.round(n).toLocaleString('en-US');
  const several = (n, thing) => count(n) + ' ' + thing + (n === 1 ? '' : 's');
  const duration = (ns) => {
    if (!(ns > 0)) return '0 s';
    if (ns < 1000) return (ns < 10 ? Number(ns.toPrecision(2)) : Math.round(ns)) + ' ns';
    for (const [size, name] of [[86400e9, 'd'], [3600e9, 'h'], [60e9, 'min'], [1e9, 's'], [1e6, 'ms'], [1e3, '\u00b5s']]) {
      if (ns >= size) return (ns / size).toFixed(1) + ' ' + name;
    }
    return '0 s';
  };
  const percent = (part, whole) => {
    if (!whole) return '\u2013';
    const share = 100 * part / whole;
    return (part && part < whole ? Math.min(99.9, Math.max(0.1, share)) : share).toFixed(1) + ' %';
  };
  const perByte = (ns) => (ns > 0 ? duration(ns) + '/B' : 'nothing');
  const kinds = /^(?!state |query )\S+ (?=.)/;
  const label = (variable) => variable.replace(kinds, '');

  // element('td', {class: 'number'}, 'text', child ...)
  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === 'onclick') made.addEventListener('click', value);
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };
  const fill = (id, ...children) => byId(id).replaceChildren(...children);

  // --- the data ---

  let data;  // the document
  let rows;  // its permutations, with what is derived of them
  const state = {
    theme: null, zoom: [], chosen: null, sort: 'bytes', ascending: false, page: 0,
    search: '', function: '', unused: false, curve: '',
  };

  const total = (bytes) => bytes.value + bytes.recording + bytes.key;
  const isLimit = (bytes) => bytes > 0 && bytes < 2 ** 63;

  const take = (json) => {
    data = json;
    rows = data.report.permutations.map((row, index) => {
      const shared = row.sharers > 1 ? row.shared_value / row.sharers : 0;
      const own = total(row.bytes);
      return {
        row, index, own, shared, area: own + shared,
        worth: row.saved_ns / Math.max(1, own + shared),
        text: [row.id, row.function, row.arguments, ...row.reads.map((read) => read.variable + '=' + read.value)]
          .join('\n').toLowerCase(),
      };
    });
  };

  // --- colours ---

  const kRamps = {
    light: {ramp: ['#d9e8f6', '#a9cdea', '#63a6d8', '#2878ba', '#0d4a86'], grey: '#d5d8dd', other: '#c9cfd8'},
    dark: {ramp: ['#21364d', '#245684', '#2f7fbf', '#62aeea', '#b9dcff'], grey: '#3b424d', other: '#4a5563'},
  };
  const isDark = () => (state.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const rampAt = (t) => {
    const ramp = kRamps[isDark() ? 'dark' : 'light'].ramp;
    const at = Math.min(0.9999, Math.max(0, t)) * (ramp.length - 1);
    const [a, b] = [rgb(ramp[Math.floor(at)]), rgb(ramp[Math.floor(at) + 1])];
    return a.map((from, i) => Math.round(from + (b[i] - from) * (at % 1)));
  };
  const inkOn = (c) => {
    const linear = c.map((v) => (v / 255 <= 0.04045 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.2 ? '#0c1420' : '#ffffff';
  };
  let worthRange;
  const findWorthRange = () => {
    const all = rows.map((one) => one.worth).filter((worth) => worth > 0).sort((a, b) => a - b);
    const at = (share) => all[Math.floor(share * (all.length - 1))];
    worthRange = all.length ? [at(0.02), Math.max(at(0.98), at(0.02) * 1.01)] : null;
  };
  const colourOf = (worth) => {
    if (!(worth > 0) || !worthRange) return rgb(kRamps[isDark() ? 'dark' : 'light'].grey);
    return rampAt(Math.log(worth / worthRange[0]) / Math.log(worthRange[1] / worthRange[0]));
  };

  // --- summary ---

  const card = (name, figure, note, meter) => element('div', {class: 'card'},
    element('div', {class: 'name'}, name), element('div', {class: 'figure'}, figure),
    meter === undefined ? null : (() => {
      const bar = element('span');
      bar.style.width = Math.min(100, 100 * meter) + '%';
      return element('div', {class: 'meter' + (meter > 0.9 ? ' high' : '')}, bar);
    })(),
    element('div', {class: 'note'}, note));

  const drawSummary = () => {
    const {totals, limits} = data.report;
    const c = totals.counters;
    const gone = c.evicted_bytes + c.evicted_entries;
    // Of a trace there are curves alone.
    document.body.classList.toggle('curves-only', Boolean(data.advice) && !data.report.functions.length);
    const cards = [
      isLimit(limits.max_bytes)
        ? card('Memory charged', bytesText(totals.charged), percent(totals.charged, limits.max_bytes) + ' of ' + bytesText(limits.max_bytes), totals.charged / limits.max_bytes)
        : card('Memory charged', bytesText(totals.charged), 'no limit'),
      card('Permutations', count(totals.permutations), several(data.report.functions.length, 'function')),
      card('Hits', percent(c.hits, c.lookups), count(c.hits) + ' of ' + several(c.lookups, 'call'), c.lookups ? c.hits / c.lookups : 0),
      card('Time saved', duration(c.saved_ns), duration(c.compute_ns) + ' spent in ' + several(c.misses, 'execution')),
      card('Evicted by limits', count(gone), gone ? count(c.evicted_bytes) + ' by bytes, ' + count(c.evicted_entries) + ' by entries' : 'nothing had to go'),
    ];
    if (totals.saved_by_sharing) cards.push(card('Saved by sharing', bytesText(totals.saved_by_sharing), 'equal values are kept once'));
    fill('cards', ...cards);
    // The meter of hits is good when it is full.
    for (const meter of document.querySelectorAll('.card:nth-child(3) .meter')) meter.classList.remove('high');

    byId('title').textContent = document.title = visible(data.title);
    byId('made').textContent = 'Report of ' + new Date(data.made_at * 1000).toLocaleString();
    fill('findings', ...(data.findings || []).map((text) => element('li', {}, visible(text))));
    byId('findings-box').hidden = !(data.findings || []).length;
  };

  // --- the map ---

  const callText = (row) => visible(row.function) + '(' + visible(row.arguments) + ')';
  const readsText = (row) => row.reads.map((read) => visible(label(read.variable)) + '=' + visible(read.value)).join(', ');
  const valuesText = (row) => row.reads.map((read) => visible(read.value).replace(/^"(.*)"$/, '$1')).join(' \u00b7 ');
  const spaceOf = (row) => row.arguments + (row.session ? ' in session ' + row.session : '');

  const tree = () => {
    const functions = new Map();
    const functionNode = (name) => {
      if (!functions.has(name)) functions.set(name, {name, children: new Map(), rest: null});
      return functions.get(name);
    };
    for (const one of rows) {
      const spaces = functionNode(one.row.function).children;
      const space = spaceOf(one.row);
      if (!spaces.has(space)) spaces.set(space, {name: space, children: []});
      spaces.get(space).children.push({one, value: one.area});
    }
    for (const rest of data.report.omitted) {
      const value = total(rest.bytes);
      if (value > 0) functionNode(rest.function).rest = {rest, value};
    }
    let top = {name: null, children: [...functions.values()].map((f) => ({
      name: f.name, children: [...f.children.values(), ...(f.rest ? [f.rest] : [])]}))};
    for (const name of state.zoom) {
      const next = top.children.find((child) => child.name === name);
      if (!next) { state.zoom = []; return tree(); }
      top = next;
    }
    return top;
  };

  const place = (made, node) => {
    made.style.left = node.x0 + 'px';
    made.style.top = node.y0 + 'px';
    made.style.width = Math.max(0, node.x1 - node.x0) + 'px';
    made.style.height = Math.max(0, node.y1 - node.y0) + 'px';
    return made;
  };

  const zoomTo = (path) => {
    state.zoom = path;
    drawMap();
    const first = byId('map').querySelector('.tile');
    if (first) first.focus();
  };

  const tile = (node) => {
    const width = node.x1 - node.x0;
    const height = node.y1 - node.y0;
    const {one, rest, value} = node.data;
    const colour = one ? colourOf(one.worth) : rgb(kRamps[isDark() ? 'dark' : 'light'].other);
    const name = one ? (valuesText(one.row) || visible(one.row.arguments) || '()') : several(rest.permutations, 'other');
    const about = one
      ? callText(one.row) + (one.row.reads.length ? ': ' + readsText(one.row) : '') + '. ' + bytesText(value) + ', ' +
        (one.row.hits ? several(one.row.hits, 'hit') + ', ' + duration(one.row.saved_ns) + ' saved' : 'never hit')
      : several(rest.permutations, 'smaller permutation') + ' of ' + visible(rest.function) + ', ' + bytesText(value);
    const tiny = width < 34 || height < 18;
    const made = element('button', {
      type: 'button', class: 'tile' + (tiny ? ' tiny' : ''), tabindex: '-1', title: short(about, 600),
      'aria-label': short(about, 600), 'data-bytes': Math.round(value), 'data-id': one ? one.row.id : null,
      'aria-pressed': one ? String(state.chosen === one.row.id) : null,
      onclick: () => (one ? choose(one.row.id) : showOnly(rest.function)),
    }, ...(tiny ? [] : [element('span', {}, short(name, 120)), height > 33 ? element('span', {class: 'size'}, bytesText(value)) : null]));
    made.style.background = `rgb(${colour.join(',')})`;
    made.style.color = inkOn(colour);
    return place(made, node);
  };

  const groupName = (node, path) => {
    const made = element('button', {
      type: 'button', class: 'group-name' + (node.depth + state.zoom.length > 1 ? ' inner' : ''), tabindex: '-1',
      title: visible(node.data.name) + ': ' + bytesText(node.value), onclick: () => zoomTo(path),
    }, (visible(node.data.name) || '()') + '  ' + bytesText(node.value));
    place(made, node);
    made.style.height = '18px';
    return made;
  };

  const drawMap = () => {
    const map = byId('map');
    if (typeof d3 === 'undefined' || !d3.treemap) { byId('map-panel').hidden = true; return; }
    const had = document.activeElement && map.contains(document.activeElement);
    const top = d3.hierarchy(tree()).sum((node) => node.value || 0).sort((a, b) => b.value - a.value);
    if (!(top.value > 0)) {
      map.replaceChildren(element('div', {class: 'empty'}, 'No permutation is kept.'));
      fill('crumbs'); fill('legend');
      return;
    }
    const roomy = (node) => node.depth > 0 && node.children && node.x1 - node.x0 > 46 && node.y1 - node.y0 > 34;
    d3.treemap().size([map.clientWidth, map.clientHeight]).round(true).paddingInner(1)
      .paddingOuter((node) => (roomy(node) ? 2 : 0)).paddingTop((node) => (roomy(node) ? 18 : 0))(top);
    const made = [];
    top.each((node) => {
      if (!node.children) { made.push(tile(node)); return; }
      if (!roomy(node)) return;
      const path = [];
      for (let at = node; at.depth > 0; at = at.parent) path.unshift(at.data.name);
      made.push(groupName(node, [...state.zoom, ...path]));
    });
    map.replaceChildren(...made);
    const focus = map.querySelector('.tile[aria-pressed="true"]') || map.querySelector('.tile');
    focus.tabIndex = 0;
    if (had) focus.focus();

    const steps = [['Everything', []], ...state.zoom.map((name, i) => [visible(name) || '()', state.zoom.slice(0, i + 1)])];
    fill('crumbs', ...steps.flatMap(([name, path], i) => [
      i ? element('span', {'aria-hidden': 'true'}, '\u203a') : null,
      i + 1 < steps.length ? element('button', {type: 'button', onclick: () => zoomTo(path)}, name)
        : element('span', {class: 'here', 'aria-current': 'true'}, name),
    ]).filter(Boolean));
    drawLegend();
  };

  const drawLegend = () => {
    const grey = element('span', {class: 'grey'});
    grey.style.background = `rgb(${colourOf(0).join(',')})`;
    if (!worthRange) { fill('legend', grey, 'never hit'); return; }
    const canvas = element('canvas', {width: 130, height: 1});
    const pen = canvas.getContext('2d');
    for (let x = 0; x < 130; ++x) {
      pen.fillStyle = `rgb(${rampAt(x / 129).join(',')})`;
      pen.fillRect(x, 0, 1, 1);
    }
    fill('legend', grey, 'never hit', element('span', {}, 'saved: ' + perByte(worthRange[0])), canvas, perByte(worthRange[1]));
  };

  // The nearest tile in a direction, by centres; what lies aside counts twice.
  const neighbour = (from, dx, dy) => {
    const middle = (made) => [made.offsetLeft + made.offsetWidth / 2, made.offsetTop + made.offsetHeight / 2];
    const [x, y] = middle(from);
    let best = null;
    let least = Infinity;
    for (const made of byId('map').querySelectorAll('.tile')) {
      const [u, v] = middle(made);
      const ahead = (u - x) * dx + (v - y) * dy;
      const aside = Math.abs((u - x) * dy) + Math.abs((v - y) * dx);
      if (made === from || ahead <= 0 || ahead + 2 * aside >= least) continue;
      least = ahead + 2 * aside;
      best = made;
    }
    return best;
  };

  byId('map').addEventListener('keydown', (event) => {
    const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (event.key === 'Escape' && state.zoom.length) { event.preventDefault(); zoomTo(state.zoom.slice(0, -1)); return; }
    if (!way || !event.target.classList.contains('tile')) return;
    event.preventDefault();
    const next = neighbour(event.target, ...way);
    if (!next) return;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  // --- the chosen permutation ---

  const choose = (id) => {
    state.chosen = state.chosen === id ? null : id;
    for (const made of document.querySelectorAll('.tile[data-id]')) made.setAttribute('aria-pressed', String(made.dataset.id === state.chosen));
    for (const made of document.querySelectorAll('#permutations tr[data-id]')) made.classList.toggle('chosen', made.dataset.id === state.chosen);
    drawDetail();
  };

  const term = (name, ...value) => [element('dt', {}, name), element('dd', {}, ...value)];

  const drawDetail = () => {
    const one = rows.find((candidate) => candidate.row.id === state.chosen);
    if (!one) {
      fill('detail', element('p', {class: 'quiet'}, 'Choose a rectangle, or a line of the table, to see what it holds.'));
      return;
    }
    const {row} = one;
    const parts = [['value', row.bytes.value], ['recording', row.bytes.recording], ['key', row.bytes.key], ['shared', one.shared]]
      .filter(([, bytes]) => bytes > 0);
    const bar = element('div', {class: 'parts', 'aria-hidden': 'true'}, ...parts.map(([name, bytes]) => {
      const part = element('span', {class: 'part-' + name});
      part.style.width = 100 * bytes / one.area + '%';
      return part;
    }));
    const key = element('div', {class: 'parts-key'}, ...parts.map(([name, bytes]) =>
      element('span', {}, element('i', {class: 'part-' + name}), name + ' ' + bytesText(bytes))));
    const reads = row.reads.length
      ? element('dl', {class: 'reads'}, ...row.reads.flatMap((read) => term(visible(read.variable), visible(read.value))))
      : element('p', {class: 'quiet'}, 'It read no widget and no state.');
    const facts = element('dl', {},
      ...term('hits', count(row.hits) + (row.followers ? ', of which ' + count(row.followers) + ' waited for it' : '')),
      ...term('time to compute', duration(row.compute_ns)),
      ...term('time saved', duration(row.saved_ns)),
      ...term('saved per byte', perByte(one.worth)),
      ...term('age', duration(row.age_ns)),
      ...term('expires', row.expires_in_ns ? 'in ' + duration(row.expires_in_ns) : 'never'),
      ...(row.sharers > 1 ? term('value', bytesText(row.shared_value) + ', one for ' + several(row.sharers, 'permutation')) : []),
      ...(row.source === 'declared' ? term('size', 'as declared') : []),
      ...(row.session ? term('session', count(row.session)) : []));
    fill('detail',
      element('h3', {}, callText(row)), element('div', {class: 'id quiet'}, visible(row.id)),
      bar, key, reads, facts,
      element('div', {class: 'actions'},
        element('button', {type: 'button', class: 'button', onclick: () => showInTable(one)}, 'Show in the table'),
        options.clear_url ? element('button', {type: 'button', class: 'button danger', onclick: () => send(options.clear_url, {id: row.id})}, 'Clear this entry') : null));
  };

  const showInTable = (one) => {
    const list = shownRows();
    const at = list.indexOf(one);
    if (at < 0) { resetFilters(); return showInTable(one); }
    state.page = Math.floor(at / kPageRows);
    drawTable();
    const line = document.querySelector(`#permutations tr[data-id="${CSS.escape(one.row.id)}"]`);
    line.scrollIntoView({block: 'center'});
    line.querySelector('button').focus({preventScroll: true});
    return undefined;
  };

  // --- tables ---

  const chip = (read) => element('span', {class: 'read', title: visible(read.variable)},
    element('b', {}, short(visible(label(read.variable)), 40) + ' '), short(visible(read.value), 80));
  const bar = (share) => {
    const inner = element('span');
    inner.style.width = 100 * share + '%';
    return element('span', {class: 'bar', 'aria-hidden': 'true'}, inner);
  };

  const kColumns = [
    {id: 'function', name: 'Function', by: (one) => one.row.function, cell: (one) => element('button', {type: 'button', class: 'link', onclick: () => choose(one.row.id)}, short(visible(one.row.function), 80)), class: 'name'},
    {id: 'arguments', name: 'Arguments', by: (one) => one.row.arguments, cell: (one) => short(visible(one.row.arguments), 160), class: 'name'},
    {id: 'reads', name: 'Widget values', by: (one) => readsText(one.row), cell: (one) => element('div', {}, ...one.row.reads.map(chip)), class: 'wide'},
    {id: 'bytes', name: 'Bytes', by: (one) => one.area, cell: (one) => bytesText(one.area), number: true},
    {id: 'hits', name: 'Hits', by: (one) => one.row.hits, cell: (one) => count(one.row.hits), number: true},
    {id: 'compute', name: 'Compute', by: (one) => one.row.compute_ns, cell: (one) => duration(one.row.compute_ns), number: true},
    {id: 'saved', name: 'Saved', by: (one) => one.row.saved_ns, cell: (one) => duration(one.row.saved_ns), number: true},
    {id: 'worth', name: 'Saved/byte', by: (one) => one.worth, cell: (one) => (one.worth > 0 ? perByte(one.worth) : '\u2013'), number: true},
    {id: 'age', name: 'Age', by: (one) => one.row.age_ns, cell: (one) => duration(one.row.age_ns), number: true},
    {id: 'id', name: 'Id', by: (one) => one.row.id, cell: (one) => element('span', {class: 'id'}, visible(one.row.id))},
  ];

  const shownRows = () => {
    const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
    const list = rows.filter((one) => (!state.function || one.row.function === state.function) &&
      (!state.unused || !one.row.hits) && words.every((word) => one.text.includes(word)));
    const {by} = kColumns.find((column) => column.id === state.sort);
    const sign = state.ascending ? 1 : -1;
    const keys = new Map(list.map((one) => [one, by(one)]));
    return list.sort((a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      return (x < y ? -sign : x > y ? sign : 0) || a.index - b.index;
    });
  };

  const drawTable = () => {
    const list = shownRows();
    const pages = Math.max(1, Math.ceil(list.length / kPageRows));
    state.page = Math.min(state.page, pages - 1);
    const head = element('thead', {}, element('tr', {}, ...kColumns.map((column) => element('th', {
      scope: 'col', class: column.number ? 'number' : null,
      'aria-sort': column.id === state.sort ? (state.ascending ? 'ascending' : 'descending') : null,
    }, element('button', {type: 'button', 'data-sort': column.id, onclick: () => sortBy(column)}, column.name)))));
    const body = element('tbody', {}, ...list.slice(state.page * kPageRows, (state.page + 1) * kPageRows).map((one) => {
      const line = element('tr', {'data-id': one.row.id, class: one.row.id === state.chosen ? 'chosen' : null},
        ...kColumns.map((column) => element('td', {class: column.number ? 'number' : column.class}, column.cell(one))));
      return line;
    }));
    const rest = data.report.omitted.filter((row) => !state.function || row.function === state.function);
    const omitted = rest.reduce((sum, row) => sum + row.permutations, 0);
    if (omitted && state.page === pages - 1) {
      const bytes = rest.reduce((sum, row) => sum + total(row.bytes), 0);
      const hits = rest.reduce((sum, row) => sum + row.hits, 0);
      const saved = rest.reduce((sum, row) => sum + row.saved_ns, 0);
      body.append(element('tr', {class: 'rest'}, element('td', {colspan: 3}, several(omitted, 'smaller permutation') + ', not told one by one'),
        element('td', {class: 'number'}, bytesText(bytes)), element('td', {class: 'number'}, count(hits)), element('td'),
        element('td', {class: 'number'}, duration(saved)), element('td', {colspan: 3})));
    }
    fill('permutations', element('caption', {class: 'skip'}, 'Permutations'), head, body);
    const bytes = list.reduce((sum, one) => sum + one.area, 0);
    byId('shown').textContent = several(list.length, 'permutation') + ', ' + bytesText(bytes) +
      (list.length < rows.length ? ' of ' + count(rows.length) + ' listed' : '') +
      (omitted ? '; ' + several(omitted, 'smaller one') + ' as a sum' : '');
    const move = (by) => () => { state.page += by; drawTable(); byId('table-panel').scrollIntoView(); };
    fill('pager', ...(pages < 2 ? [] : [
      element('button', {type: 'button', class: 'button', disabled: state.page === 0, onclick: move(-1)}, 'Previous'),
      'Page ' + count(state.page + 1) + ' of ' + count(pages),
      element('button', {type: 'button', class: 'button', disabled: state.page + 1 === pages, onclick: move(1)}, 'Next'),
    ]));
  };

  const sortBy = (column) => {
    // Numbers begin with the largest, text with A.
    state.ascending = state.sort === column.id ? !state.ascending : !column.number;
    state.sort = column.id;
    state.page = 0;
    drawTable();
    byId('permutations').querySelector(`[data-sort="${column.id}"]`).focus();
  };

  const filter = (changes) => {
    Object.assign(state, changes, {page: 0});
    byId('search').value = state.search;
    byId('function').value = state.function;
    byId('unused').checked = state.unused;
    drawTable();
  };
  const resetFilters = () => filter({search: '', function: '', unused: false});
  const showOnly = (name) => { filter({search: '', function: name, unused: false}); byId('table-panel').scrollIntoView(); };

  const limitsText = (limits) => {
    const all = [];
    if (isLimit(limits.max_bytes)) all.push(bytesText(limits.max_bytes));
    if (limits.max_entries) all.push(several(limits.max_entries, 'entr').replace(/entrs?$/, limits.max_entries === 1 ? 'entry' : 'entries'));
    if (limits.ttl_ns) all.push('ttl ' + duration(limits.ttl_ns));
    return all.join(', ');
  };

  // Where limits may be changed: a field for max_bytes, which takes effect when it is submitted, and
  // the other limits, which stay.
  const limitForm = (name, limits) => {
    const input = element('input', {
      type: 'text', size: 9, value: isLimit(limits.max_bytes) ? bytesText(limits.max_bytes) : '', placeholder: 'no limit',
      'aria-label': 'max_bytes of ' + (name === null ? 'the engine' : visible(name)),
    });
    const form = element('form', {class: 'limits'}, input, element('button', {class: 'button'}, 'Set'),
      element('span', {class: 'quiet'}, limitsText({...limits, max_bytes: 0})));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const bytes = parseBytes(input.value);
      input.setCustomValidity(bytes === null ? 'A size like 64 MiB, or nothing for no limit' : '');
      if (!input.reportValidity()) return;
      send(options.limits_url, {...(name === null ? {} : {function: name}), max_bytes: bytes, max_entries: limits.max_entries, ttl_ns: limits.ttl_ns});
    });
    return form;
  };
  const parseBytes = (text) => {
    const found = /^\s*(?:(\d+(?:\.\d+)?)\s*([KMGT]i?)?B?)?\s*$/i.exec(text);
    if (!found) return null;
    if (found[1] === undefined) return 0;
    const power = found[2] ? ' KMGT'.indexOf(found[2][0].toUpperCase()) : 0;
    return Math.round(Number(found[1]) * (/i$/i.test(found[2] || 'i') ? 1024 : 1000) ** power);
  };

  const drawFunctions = () => {
    const bytesOf = (f) => total(f.bytes) + f.nodes;
    const list = [...data.report.functions].sort((a, b) => bytesOf(b) - bytesOf(a));
    const most = Math.max(1, ...list.map(bytesOf));
    const names = [['Function'], ['Kind'], ['Permutations', 1], ['Bytes', 1], ['Shared values', 1], ['Calls', 1], ['Hits', 1], ['Computing', 1], ['Saved', 1], ['Evicted', 1], ['Limits']];
    const head = element('thead', {}, element('tr', {}, ...names.map(([name, number]) => element('th', {scope: 'col', class: number ? 'number' : null}, element('span', {}, name)))));
    const body = element('tbody', {}, ...list.map((f) => element('tr', {},
      element('td', {class: 'name'}, element('button', {type: 'button', class: 'link', title: 'Show its permutations', onclick: () => showOnly(f.name)}, short(visible(f.name), 120))),
      element('td', {}, f.kind + (f.scope === 'session' ? ', per session' : '')),
      element('td', {class: 'number'}, count(f.permutations)),
      element('td', {class: 'number'}, bytesText(bytesOf(f)), bar(bytesOf(f) / most)),
      element('td', {class: 'number'}, f.shared_values ? bytesText(f.shared_values) : '\u2013'),
      element('td', {class: 'number'}, count(f.counters.lookups)),
      element('td', {class: 'number'}, percent(f.counters.hits, f.counters.lookups)),
      element('td', {class: 'number'}, duration(f.counters.compute_ns)),
      element('td', {class: 'number'}, duration(f.counters.saved_ns)),
      element('td', {class: 'number'}, count(f.counters.evicted_bytes + f.counters.evicted_entries)),
      element('td', {}, options.limits_url ? limitForm(f.name, f.limits) : limitsText(f.limits) || '\u2013'))));
    if (options.limits_url) {
      body.prepend(element('tr', {}, element('td', {colspan: 10}, 'The whole engine'), element('td', {}, limitForm(null, data.report.limits))));
    }
    fill('functions', element('caption', {class: 'skip'}, 'Functions'), head, body);
    fill('function', element('option', {value: ''}, 'all'), ...data.report.functions.map((f) => element('option', {value: f.name}, short(visible(f.name), 60))));
    byId('function').value = state.function;
  };

  // --- widgets ---

  const kEffects = {
    changed: ['changes the value', 'good'],
    never_changed: ['never changed the value', 'bad'],
    unknown: ['not compared yet', ''],
  };
  const kMostValues = 8;
  const kMostWidgets = 60;

  const drawWidgets = () => {
    const values = new Map();  // by function and variable: by value
    const keyOf = (f, variable) => f + '\u0000' + variable;
    for (const one of rows) {
      for (const read of one.row.reads) {
        const key = keyOf(one.row.function, read.variable);
        if (!values.has(key)) values.set(key, new Map());
        const of = values.get(key);
        const sum = of.get(read.value) || {bytes: 0, permutations: 0, hits: 0};
        sum.bytes += one.area;
        ++sum.permutations;
        sum.hits += one.row.hits;
        of.set(read.value, sum);
      }
    }
    const list = [...data.report.widgets].sort((a, b) =>
      (b.effect === 'never_changed') - (a.effect === 'never_changed') || b.bytes - a.bytes);
    fill('widgets', ...list.slice(0, kMostWidgets).map((widget) => {
      const of = [...(values.get(keyOf(widget.function, widget.variable)) || new Map())].sort((a, b) => b[1].bytes - a[1].bytes);
      const most = of.length ? of[0][1].bytes : 1;
      const [text, mood] = kEffects[widget.effect] || [widget.effect, ''];
      return element('article', {class: 'widget'},
        element('header', {}, element('h3', {}, short(visible(widget.variable), 120)), element('span', {class: 'badge ' + mood}, text)),
        element('div', {class: 'quiet'}, visible(short(widget.function, 60)) + ': ' + several(widget.distinct_values, 'value') + ', ' + several(widget.permutations, 'permutation') + ', ' + bytesText(widget.bytes)),
        element('ul', {class: 'values'}, ...of.slice(0, kMostValues).map(([value, sum]) => element('li', {},
          element('button', {type: 'button', class: 'link', title: several(sum.permutations, 'permutation') + ', ' + several(sum.hits, 'hit') + '. Show them.',
            onclick: () => { filter({search: (widget.variable + '=' + value).split(/\s+/).slice(-3).join(' '), function: widget.function, unused: false}); byId('table-panel').scrollIntoView(); }},
          short(visible(value), 60) || '(empty)'),
          bar(sum.bytes / most), element('span', {class: 'number'}, bytesText(sum.bytes)))),
          of.length > kMostValues ? element('li', {class: 'quiet'}, several(of.length - kMostValues, 'more value')) : null));
    }));
    if (list.length > kMostWidgets) byId('widgets').append(element('p', {class: 'quiet'}, several(list.length - kMostWidgets, 'more')));
    byId('widgets-panel').hidden = !list.length;
  };

  // --- the advisor ---

  const charts = [];
  const drawAdvice = () => {
    const advice = data.advice;
    while (charts.length) charts.pop().destroy();
    const curves = advice ? [advice.engine, ...advice.functions].filter((curve) => curve.points.length) : [];
    byId('advice-panel').hidden = !curves.length;
    if (!curves.length) return;
    fill('curve', ...curves.map((curve) => element('option', {value: curve.function}, curve.function ? short(visible(curve.function), 60) : 'the whole engine')));
    const curve = curves.find((one) => one.function === state.curve) || curves[0];
    byId('curve').value = state.curve = curve.function;
    const current = curve.function ? (data.report.functions.find((f) => f.name === curve.function) || {limits: {max_bytes: 0}}).limits.max_bytes : data.report.limits.max_bytes;
    byId('advice').textContent = (curve.recommended
      ? 'Recommended: ' + bytesText(curve.recommended) + (curve.loses > 0.0005 ? ', which loses ' + percent(curve.loses, 1) + ' of the time that an unlimited cache would save' : ', which loses nothing') +
        '. The knee is at ' + bytesText(curve.knee) + '; all that was called needs ' + bytesText(curve.needed) + '. '
      : '') + 'Confidence: ' + advice.confidence + '. ' + visible(advice.why);
    fill('points', element('thead', {}, element('tr', {}, ...['max_bytes', 'Hits', 'Recomputed', 'Recomputation per hour'].map((name) => element('th', {scope: 'col', class: 'number'}, element('span', {}, name))))),
      element('tbody', {}, ...curve.points.map((point) => element('tr', {}, ...[bytesText(point.max_bytes), percent(point.hit_ratio, 1), percent(point.cost_ratio, 1), duration(point.seconds_per_hour * 1e9)].map((text) => element('td', {class: 'number'}, text))))));
    if (typeof Chart === 'undefined') { byId('charts').hidden = true; return; }
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const marks = [['recommended', curve.recommended, colour('--good')], ['knee', curve.knee, colour('--quiet')], ['limit now', isLimit(current) ? current : 0, colour('--bad')]].filter(([, at]) => at > 0);
    const draw = (id, of, axis, told) => {
      const points = curve.points.map((point) => ({x: Math.max(1, point.max_bytes), y: of(point)}));
      const [low, high] = [points[0].x, points[points.length - 1].x];
      const top = Math.max(...points.map((point) => point.y)) || 1;
      const inside = marks.filter(([, at]) => at >= low * 0.99 && at <= high * 1.01);
      byId(id).setAttribute('aria-label', axis + ' by limit: ' + told(points[0].y) + ' at ' + bytesText(low) + ', ' + told(points[points.length - 1].y) + ' at ' + bytesText(high));
      charts.push(new Chart(byId(id), {
        type: 'line',
        data: {datasets: [
          {label: axis, data: points, borderColor: colour('--accent'), backgroundColor: colour('--accent') + '22', fill: 'origin', borderWidth: 2, pointRadius: 0, pointHitRadius: 12, tension: 0},
          ...inside.map(([name, at, ink]) => ({label: name + ' ' + bytesText(at), data: [{x: at, y: 0}, {x: at, y: top * 1.05}], borderColor: ink, backgroundColor: ink, borderDash: [5, 4], borderWidth: 1.5, pointRadius: 0, fill: false})),
        ]},
        options: {
          animation: false, responsive: true, maintainAspectRatio: false, parsing: false, normalized: true,
          interaction: {mode: 'nearest', axis: 'x', intersect: false},
          scales: {
            x: {type: 'logarithmic', min: low, max: high, title: {display: true, text: 'max_bytes', color: colour('--quiet')}, grid: {color: colour('--line')},
              ticks: {color: colour('--quiet'), maxRotation: 0, autoSkip: true, maxTicksLimit: 8, callback: (value) => bytesText(value)},
              afterBuildTicks: (scale) => {
                const ticks = [];
                for (let value = 2 ** Math.ceil(Math.log2(low)); value <= high; value *= 2) ticks.push({value});
                const step = Math.ceil(ticks.length / 7) || 1;
                scale.ticks = ticks.filter((tick, i) => i % step === 0);
              }},
            y: {min: 0, max: top * 1.05, grid: {color: colour('--line')}, ticks: {color: colour('--quiet'), maxTicksLimit: 7, callback: (value) => (value > top * 1.001 ? '' : told(value))}},
          },
          plugins: {
            legend: {labels: {color: colour('--text'), boxWidth: 14, boxHeight: 2, filter: (item) => item.datasetIndex > 0}},
            tooltip: {filter: (item) => item.datasetIndex === 0, callbacks: {title: (items) => (items.length ? bytesText(items[0].parsed.x) : ''), label: (item) => axis + ': ' + told(item.parsed.y)}},
          },
        },
      }));
    };
    draw('hits-chart', (point) => point.hit_ratio, 'hits', (value) => (100 * value).toFixed(value < 0.995 ? 1 : 0) + ' %');
    draw('cost-chart', (point) => point.seconds_per_hour, 'recomputation', (value) => duration(value * 1e9));
  };

  // --- a page that is served ---

  const tell = (text, lost) => {
    byId('live').hidden = false;
    byId('live').textContent = text;
    byId('live').classList.toggle('lost', lost);
  };
  const trimmed = (json) => {
    const most = options.max_permutations;
    const all = json.report.permutations;
    if (!most || all.length <= most) return json;
    const rest = new Map(json.report.omitted.map((row) => [row.function, row]));
    for (const row of all.slice(most)) {
      if (!rest.has(row.function)) rest.set(row.function, {function: row.function, permutations: 0, never_hit: 0, never_hit_bytes: 0, bytes: {value: 0, recording: 0, key: 0}, hits: 0, compute_ns: 0, saved_ns: 0});
      const sum = rest.get(row.function);
      ++sum.permutations;
      for (const part of Object.keys(sum.bytes)) sum.bytes[part] += row.bytes[part];
      for (const name of ['hits', 'compute_ns', 'saved_ns']) sum[name] += row[name];
    }
    json.report.permutations = all.slice(0, most);
    json.report.omitted = [...rest.values()];
    return json;
  };
  // A press and its release belong to one element: while the button is down nothing is made anew.
  let pressed = false;
  let waiting = null;
  document.addEventListener('pointerdown', () => { pressed = true; });
  for (const end of ['pointerup', 'pointercancel']) {
    document.addEventListener(end, () => setTimeout(() => {  // the click comes first
      pressed = false;
      const json = waiting;
      waiting = null;
      if (json) show(json);
    }));
  }
  // The button that has the focus, also when the lines around it are made anew.
  const focused = () => {
    const at = document.activeElement;
    const panel = at && at.closest('#detail, #permutations');
    if (!panel) return () => {};
    const line = at.closest('tr[data-id]');
    const place = '#' + panel.id + (line ? ` tr[data-id="${CSS.escape(line.dataset.id)}"]` : '');
    return () => {
      const same = [...document.querySelectorAll(place + ' button')].find((one) => one.textContent === at.textContent);
      if (same) same.focus({preventScroll: true});
    };
  };
  const show = (json) => {
    if (pressed) { waiting = json; return; }
    const focus = document.activeElement;
    const typing = focus && focus.closest('.limits');  // a line under somebody's hands stays
    const focusAgain = focused();
    take(trimmed(json));
    findWorthRange();
    drawSummary();
    drawMap();
    drawDetail();
    if (!typing) drawFunctions();
    drawTable();
    drawWidgets();
    drawAdvice();
    focusAgain();
  };
  const answer = async (response) => {
    const text = await response.text();
    if (!response.ok) throw new Error(visible(text) || response.statusText);
    show(JSON.parse(text));
    tell('Live, as of ' + new Date().toLocaleTimeString(), false);
  };
  const send = (url, body) => fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)})
    .then(answer).catch((error) => tell(error.message, true));
  const refresh = async () => {
    try {
      if (!document.hidden) await fetch(options.live_url).then(answer);
    } catch (error) {
      tell('Connection lost: ' + error.message, true);
    }
    setTimeout(refresh, 1000 * Math.max(1, options.refresh_seconds));
  };

  // --- the whole page ---

  const kThemes = [null, 'light', 'dark'];
  const kThemeNames = {null: 'as the system', light: 'light', dark: 'dark'};
  const setTheme = (theme) => {
    state.theme = theme;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    const name = 'Colours: ' + kThemeNames[theme];
    byId('theme').textContent = name;
    byId('theme').setAttribute('aria-label', name);
  };
  const redraw = () => { drawMap(); drawAdvice(); };

  byId('theme').addEventListener('click', () => {
    setTheme(kThemes[(kThemes.indexOf(state.theme) + 1) % kThemes.length]);
    redraw();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  let typed = 0;
  byId('search').addEventListener('input', (event) => {
    clearTimeout(typed);
    typed = setTimeout(() => filter({search: event.target.value}), 80);
  });
  byId('function').addEventListener('change', (event) => filter({function: event.target.value}));
  byId('unused').addEventListener('change', (event) => filter({unused: event.target.checked}));
  byId('reset').addEventListener('click', resetFilters);
  byId('curve').addEventListener('change', (event) => { state.curve = event.target.value; drawAdvice(); });
  let width = 0;
  new ResizeObserver(() => {
    if (byId('map').clientWidth === width) return;
    width = byId('map').clientWidth;
    if (data) drawMap();
  }).observe(byId('map'));

  setTheme(null);
  width = byId('map').clientWidth;
  show(JSON.parse(byId('memoscape-report').textContent));
  byId('alone').hidden = Boolean(options.live_url);
  if (options.live_url) refresh();
})();
