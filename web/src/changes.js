// What sets scenarios apart from the first, or variations from the base: the keys of the resolved
// scenario in which they differ.
import {copy, csv, h, scroller, select} from './dom.js';
import {get, set} from './state.js';

const kMostColumns = 5;

const value = (text) => text === null ? h('span', {class: 'quiet'}, 'not there') : h('code', {}, text);

/** Where another policy stands, its keys are others too: said apart, since they follow from it. */
function split(shown) {
  const rows = shown.flatMap((one) => one.rows);
  const paths = [...new Set(rows.map(([path]) => path))];
  const owner = (path) => path.slice(0, path.lastIndexOf('.') + 1);
  const policies = new Set(paths.filter((path) => path.endsWith('.policy')).map(owner));
  const follows = (path) => policies.has(owner(path)) && rows.every(([other, base, value]) => other !== path || base === null || value === null);
  return [paths.filter((path) => !follows(path)), paths.filter(follows)];
}

function pivot(base, shown, paths, label) {
  const found = shown.map((one) => new Map(one.rows.map((row) => [row[0], row])));
  const cut = shown.map((one) => one.all > one.rows.length);
  return scroller({'aria-label': `${label} ${base}`, class: paths.length > 24 ? 'tall changes' : 'changes'}, h('table', {},
    h('thead', {}, h('tr', {}, ['key', base, ...shown.map((one) => one.name)].map((text) => h('th', {scope: 'col'}, text)))),
    h('tbody', {}, paths.map((path) => {
      const rows = found.map((of) => of.get(path));
      const first = rows.find(Boolean);
      return h('tr', {}, h('th', {scope: 'row', class: 'mono'}, path.split('.').flatMap((part, i) => i === 0 ? [part] : ['.', h('wbr'), part])), h('td', {class: 'quiet'}, value(first[1])),
        // Without a row a scenario has what the base has; or its list is cut, and nobody knows.
        rows.map((row, i) => h('td', {}, row ? value(row[2]) : h('span', {class: 'quiet'}, cut[i] ? '?' : 'same'))));
    }))));
}

function left(one) {
  const more = one.all - one.rows.length;
  return more > 0 ? h('p', {class: 'small quiet'}, `${one.name}: ${more.toLocaleString('en')} more.`) : null;
}

/** `what`: "scenario" or "variation". */
export function changes(data, what) {
  const differing = data.scenarios.filter((one) => one.all > 0);
  const same = data.scenarios.filter((one) => one.all === 0).map((one) => one.name);
  const said = same.length > 0 ? h('p', {class: 'small quiet'}, `${same.slice(0, 8).join(', ')}${same.length > 8 ? ` and ${same.length - 8} more` : ''}: nothing differs.`) : null;
  if (differing.length === 0) return said;
  const all = () => copy(csv([[what, 'key', data.base, 'value'], ...differing.flatMap((one) => one.rows.map((row) => [one.name, ...row]))]), 'Differences as CSV');
  const button = h('button', {onclick: all}, 'Copy CSV');
  const body = h('div');
  const draw = (shown) => {
    const [first, rest] = split(shown);
    body.replaceChildren(pivot(data.base, shown, first, 'What differs from'), ...shown.map(left).filter(Boolean),
      rest.length > 0 ? h('details', {}, h('summary', {}, `Keys that only one of the policies has (${rest.length})`), pivot(data.base, shown, rest, 'Keys of other policies than')) : '');
  };
  let tools = button;
  if (differing.length <= kMostColumns) {
    draw(differing);
  } else {
    const chosen = (name) => differing.find((one) => one.name === name) ?? differing[0];
    const first = chosen(get('changed'));
    draw([first]);
    tools = [select(what === 'run' ? 'Run' : `${what[0].toUpperCase()}${what.slice(1)}`, differing.map((one) => [one.name, one.name]), first.name, (name) => {
      set('changed', name === differing[0].name ? '' : name);
      draw([chosen(name)]);
    }), button];
  }
  return [h('p', {class: 'small quiet'}, `Keys of the resolved scenario, defaults included, that are not as in ${data.base}.`),
    h('div', {class: 'tools'}, tools), body, said,
    data.left_out > 0 ? h('p', {class: 'small quiet'}, `${data.left_out} more ${what}s are not held against the base here.`) : null];
}
