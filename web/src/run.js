// One run: what it says, its series, its numbers, and where they come from.
import {waterfall} from './bars.js';
import {distributionsOf} from './cdf.js';
import {copy, csv, h, save, scroller, section} from './dom.js';
import {placeSections} from './places_view.js';
import {families, quantiles} from './quantiles.js';
import {TimeSeries} from './series.js';
import {table, tree} from './tables.js';

const met = (objective) => objective.met ? h('span', {class: 'badge good'}, '✓ met') : h('span', {class: 'badge bad'}, '✗ missed');

export function objectives(run) {
  if (run.objectives.length === 0) return null;
  return scroller({'aria-label': 'Objectives'}, h('table', {class: 'fit'},
    h('thead', {}, h('tr', {}, ['objective', 'asked for', 'measured', 'margin', ''].map((text, i) => h('th', {scope: 'col', class: i === 2 || i === 3 ? 'number' : null}, text || h('span', {class: 'offscreen'}, 'met or missed'))))),
    h('tbody', {}, run.objectives.map((one) => h('tr', {},
      h('th', {scope: 'row'}, one.label), h('td', {}, one.limit), h('td', {class: 'number'}, one.value ?? '–'),
      h('td', {class: 'number'}, one.margin), h('td', {}, met(one)))))));
}

/** At most a dozen of the numbers that a planner looks at first; all are in the table. */
function tiles(run) {
  const first = run.metrics.filter((metric) => metric.rank >= 0 && metric.value !== null && metric.value !== 0)
    .sort((a, b) => a.rank - b.rank);
  const objectivesOf = new Set(run.objectives.map((one) => one.metric));
  const order = [...first.filter((m) => objectivesOf.has(m.name)), ...first.filter((m) => !objectivesOf.has(m.name))];
  return h('div', {class: 'tiles'}, order.slice(0, 12).map((metric) => h('div', {class: 'tile', title: metric.meaning},
    h('div', {class: 'value'}, metric.text), h('div', {class: 'what'}, metric.owner ? `${metric.owner} ${metric.label}` : metric.label))));
}

/** A table of the screen as it is printed there: titles, then rows that begin with a name. */
function printed({rows: [titles, ...rows], numbers, notes}) {
  const kind = (i) => numbers[i] ? 'number' : null;
  return [scroller({'aria-label': titles[0]}, h('table', {class: 'fit'},
    h('thead', {}, h('tr', {}, titles.map((text, i) => h('th', {scope: 'col', class: kind(i)}, text)))),
    h('tbody', {}, rows.map((cells) => h('tr', {}, cells.map((text, i) => i === 0 ? h('th', {scope: 'row'}, text) : h('td', {class: kind(i)}, text))))))), notes.map((text) => h('p', {class: 'small quiet'}, text))];
}

function metrics(run, key) {
  return table({
    state: `metrics${key}`, noun: 'metrics', tall: run.metrics.length > 30, label: 'Metrics', rows: run.metrics,
    words: (m) => `${m.name} ${m.owner} ${m.label} ${m.meaning}`,
    columns: [
      {key: 'name', title: 'metric', value: (m) => m.name, element: (m) => [h('span', {class: 'mono'}, m.name)]},
      {key: 'value', title: 'value', number: true, value: (m) => m.value, text: (m) => m.text},
      {key: 'si', title: 'exactly', number: true, value: (m) => m.value, text: (m) => m.value === null ? '' : `${m.value}${m.unit === '1' ? '' : `\u00a0${m.unit}`}`},
      {key: 'meaning', title: 'what it is', value: (m) => m.meaning, class: 'small quiet', text: (m) => m.reason ? `${m.meaning} No value: ${m.reason}.` : m.meaning},
    ],
  });
}

function bill(run, key) {
  return table({
    state: `bill${key}`, noun: 'items', label: 'Bill', rows: run.bill,
    words: (item) => `${item.region} ${item.account} ${item.item} ${item.source}`,
    columns: [
      {key: 'region', title: 'region', value: (item) => item.region, text: (item) => item.region},
      {key: 'account', title: 'account', value: (item) => item.account, text: (item) => item.account},
      {key: 'item', title: 'item', value: (item) => item.item, text: (item) => item.item},
      {key: 'quantity', title: 'quantity', number: true, value: (item) => item.quantity, text: (item) => item.amount},
      {key: 'usd', title: 'USD', number: true, value: (item) => item.usd, text: (item) => item.cost},
      {key: 'source', title: 'source of the price', value: (item) => item.source, class: 'small quiet', text: (item) => item.source || 'not said'},
    ],
  });
}

export function provenance(run, data) {
  // Of another version, or written by hand: run.json may lack any of these.
  const machine = run.machine ?? {};
  const ran = [machine.version && `hyperdc ${machine.version}`, machine.build,
    Number.isFinite(machine.wall_s) && `${machine.wall_s.toPrecision(3)} s`].filter(Boolean).join(', ');
  const facts = [
    ['scenario', run.scenario], ['seed', run.seed], ['sha256 of the scenario', h('code', {}, run.sha256)],
    ['fingerprint of the events', h('code', {}, run.fingerprint)], ['simulated', `${run.span}, ${run.events} events`],
    ['directory', h('code', {}, run.directory)],
    ran ? ['ran with', ran] : null,
    ['page by', `hyperdc ${data.program.version}, ${data.program.build}`],
  ].filter(Boolean);
  return [
    run.command ? [h('p', {class: 'small quiet'}, 'The command that gives this fingerprint again, for the same file and without --set; what was in force stands in the scenario below:'),
      h('pre', {class: 'command'}, run.command), h('div', {class: 'tools'}, h('button', {onclick: () => copy(run.command, 'Command')}, 'Copy command'))] : null,
    h('dl', {class: 'facts'}, facts.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
    run.files.length > 0 ? h('details', {}, h('summary', {}, `Files that were read (${run.files.length})`),
      h('dl', {class: 'facts'}, run.files.map((file) => [h('dt', {}, file.path), h('dd', {}, h('code', {}, file.sha256))]))) : null,
    h('details', {}, h('summary', {}, `Laws that were checked (${run.checks.length})`),
      h('dl', {class: 'facts'}, run.checks.map((check) => [h('dt', {}, check.name), h('dd', {}, check.text)]))),
    run.assumptions.length > 0 ? h('details', {open: true}, h('summary', {}, `Assumptions: what rests on no citable source (${run.assumptions.length})`),
      h('dl', {class: 'facts'}, run.assumptions.map((one) => [h('dt', {}, h('code', {}, one.path)), h('dd', {}, one.text)]))) : h('p', {class: 'small quiet'}, 'Nothing in this run rests on an assumption without a source.'),
  ];
}

export function scenario(resolved, name) {
  const text = () => `${JSON.stringify(resolved, null, 2)}\n`;
  return [h('p', {class: 'small quiet'}, 'All that was in force, defaults included, in SI units.'),
    h('div', {class: 'tools'}, h('button', {onclick: () => copy(text(), 'Scenario')}, 'Copy JSON'), h('button', {onclick: () => save(text(), `${name}.resolved.json`, 'application/json')}, 'Save')),
    h('div', {class: 'tree'}, tree(resolved, 1))];
}

/** Sections of a run; `key` keeps the state of several apart. */
export function runSections(run, data, key) {
  const out = [];
  out.push(section('summary', 'Summary', objectives(run), tiles(run), run.tables.map(printed)));
  const time = run.series.columns.length > 0 ? new TimeSeries(run, key) : null;
  if (time) out.push(section('time', 'Over time', time.element()));
  out.push(...placeSections(run, time, key));
  const lists = families(run);
  if (lists.length > 0 || run.distributions.length > 0) {
    out.push(section('times', 'How long things took',
      lists.length > 0 ? [h('p', {class: 'small quiet'}, 'Half are below p50, one in a hundred is above p99. Quantiles over the whole run after the warm-up.'), quantiles(lists)] : null,
      run.distributions.length > 0 ? [h('h3', {class: 'below'}, 'Distributions'), distributionsOf(run, key)] : null));
  }
  if (run.breakdowns.length > 0) out.push(section('parts', 'Cost and energy', run.breakdowns.map(waterfall)));
  if (run.bill.length > 0) out.push(section('bill', 'Bill', bill(run, key)));
  out.push(section('metrics', 'Metrics', metrics(run, key)));
  const resolved = data.resolved[run.sha256];
  if (resolved) out.push(section('scenario', 'Scenario', scenario(resolved, run.scenario)));
  out.push(section('origin', 'Where this comes from', provenance(run, data)));
  return out;
}

/** Why a difference of these runs may be chance: a scenario that ran with one seed only. */
function doubt(data) {
  const {scenarios} = data.side_by_side;
  const alone = scenarios.filter((one) => data.runs.filter((run) => run.scenario === one.name).length === 1);
  if (alone.length === 0 || scenarios.length === 1) return null;
  return `${alone.length === scenarios.length ? 'One seed each' : `${alone.map((one) => one.name).join(', ')}: one seed`}: a difference may be chance.`;
}

/** How the second of two scenarios stands to the first, without a judgement. */
function stands(row) {
  const [first, second] = row.values.map((value) => value.mean);
  if (row.verdict === 'same' || first === second) return first === null ? '' : 'same';
  if (first === null || second === null) return '';
  return second > first ? 'higher' : 'lower';
}

/** What a manager reads of several runs; one seed proves nothing better. */
export function sentence(data) {
  const {scenarios, rows, sentence: said} = data.side_by_side;
  const why = doubt(data);
  if (!why) return said;
  if (scenarios.length !== 2) return why;
  const words = rows.filter((row) => row.rank >= 0).map(stands);
  const counts = ['higher', 'lower', 'same'].map((word) => [word, words.filter((other) => other === word).length]).filter(([, n]) => n > 0);
  return `${scenarios[1].name} against ${scenarios[0].name}: ${counts.map(([word, n]) => `${word} in ${n}`).join(', ')} of ${words.filter(Boolean).length} metrics. ${why}`;
}

/** Several runs side by side. */
export function sideBySide(data) {
  const both = data.side_by_side;
  const why = doubt(data);
  const word = (row) => why ? stands(row) : row.verdict;
  const rows = both.rows.filter((row) => row.rank >= 0).sort((a, b) => a.rank - b.rank);
  const badge = (word) => word ? h('span', {class: `badge ${{better: 'good', worse: 'bad', undecided: 'warn'}[word] ?? ''}`}, word) : '';
  const two = both.scenarios.length === 2;
  const cell = (row, i) => {
    const value = row.values[i];
    const best = !why && row.best.length > 0 && row.best.length < both.scenarios.length && row.best.includes(i);
    return [best ? h('strong', {}, value.text) : value.text, value.half ? h('span', {class: 'quiet'}, ` ± ${value.half_text}`) : ''];
  };
  const copyAll = () => copy(csv([['metric', 'unit', ...both.scenarios.map((one) => one.name)], ...both.rows.map((row) => [row.metric, row.unit, ...row.values.map((value) => value.mean)])]), 'Table as CSV');
  const list = (which, state = 'some') => table({
    state: `runs-${state}`, tall: which.length > 30, noun: 'metrics', label: state === 'all' ? 'All metrics side by side' : 'Runs side by side', rows: which, words: (row) => `${row.metric} ${row.owner} ${row.label}`,
    columns: [
      {key: 'metric', title: 'metric', value: (row) => row.metric, text: (row) => row.owner ? `${row.owner} ${row.label}` : row.label},
      {key: 'unit', title: 'unit', value: (row) => row.unit, text: (row) => row.unit, class: 'quiet'},
      ...both.scenarios.map((one, i) => ({key: `s${i}`, title: one.name, number: true, value: (row) => row.values[i].mean, element: (row) => cell(row, i)})),
      two ? {key: 'verdict', title: 'second against first', value: word, element: (row) => badge(word(row))} : null,
    ].filter(Boolean),
  });
  const notes = [`${both.scenarios.map((one) => `${one.name}: seed ${one.seeds}`).join('; ')}.`,
    both.rows.some((row) => row.values.some((value) => value.half)) ? '±: half of the 95 % interval of the mean.' : '',
    why || both.scenarios.length === 1 ? '' : two ? 'Each row stands alone (no correction for the number of rows).' : 'Bold: none is better.'];
  return section('compare', 'Side by side',
    h('p', {class: 'small quiet'}, notes.filter(Boolean).join(' ')),
    why ? h('p', {class: 'small'}, h('span', {class: 'badge warn'}, 'doubt'), ` ${why}`) : null,
    h('div', {class: 'tools'}, h('button', {onclick: copyAll}, 'Copy all metrics as CSV')), list(rows),
    h('details', {}, h('summary', {}, `All metrics (${both.rows.length})`), list(both.rows, 'all')));
}
