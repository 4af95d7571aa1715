// Tables that sort and filter.
import {fresh, h, scroller} from './dom.js';
import {get, set} from './state.js';

/**
 * columns: {key, title, number, text(row), value(row), element(row)}; rows: anything.
 * The filter keeps rows in whose words every word that was typed occurs.
 */
export function table({columns, rows, words, state, label, noun, sort = true, filter = true, tall = false}) {
  let order = get(`sort-${state}`);
  let query = get(`filter-${state}`);
  const body = h('tbody');
  const count = h('span', {class: 'small quiet', 'aria-live': 'polite'});
  const heads = columns.map((column) => {
    const button = sort && h('button', {onclick: () => {
      order = order === column.key ? `-${column.key}` : column.key;
      set(`sort-${state}`, order);
      draw();
    }}, column.title);
    return h('th', {scope: 'col', class: `${sort ? 'sort' : ''} ${column.number ? 'number' : ''}`.trim() || null, title: column.hint}, button || column.title);
  });
  const draw = () => {
    const asked = query.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = rows.filter((row) => {
      const text = words(row).toLowerCase();
      return asked.every((word) => text.includes(word));
    });
    const descending = order.startsWith('-');
    const by = columns.find((column) => column.key === order.replace(/^-/, ''));
    if (by) {
      kept.sort((a, b) => {
        const [x, y] = [by.value(a), by.value(b)];
        const missing = (v) => v === null || v === undefined || v === '' ? 1 : 0;
        if (missing(x) !== missing(y)) return missing(x) - missing(y);
        const less = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), 'en', {numeric: true});
        return descending ? -less : less;
      });
    }
    heads.forEach((head, i) => {
      if (columns[i] === by) head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    body.replaceChildren(...kept.map((row) => h('tr', {}, columns.map((column, i) => {
      const content = column.element ? column.element(row) : column.text(row);
      return i === 0 ? h('th', {scope: 'row', class: 'name'}, content) : h('td', {class: column.class ?? (column.number ? 'number' : null)}, content);
    }))));
    count.textContent = kept.length === rows.length ? `${rows.length} ${noun}` : `${kept.length} of ${rows.length} ${noun}`;
  };
  const id = fresh('filter');
  const box = h('input', {id, type: 'search', value: query, autocomplete: 'off', spellcheck: 'false', oninput: () => {
    query = box.value;
    set(`filter-${state}`, query);
    draw();
  }});
  draw();
  return h('div', {}, filter ? h('div', {class: 'tools'}, h('span', {class: 'field'}, h('label', {for: id}, 'Filter'), box), count) : null,
    scroller({class: tall ? 'tall' : null, 'aria-label': `${label}, table`},
      h('table', {}, h('thead', {}, h('tr', {}, heads)), body)));
}

/** A tree of what JSON holds; `open` levels are unfolded. */
export function tree(value, open = 1, differs = () => false, path = '') {
  const leaf = (v) => h('span', {class: 'mono'}, JSON.stringify(v));
  const entries = Array.isArray(value) ? value.map((v, i) => [String(i), v]) : Object.entries(value);
  return h('ul', {}, entries.map(([key, v]) => {
    const here = path ? `${path}.${key}` : key;
    const name = differs(here) ? h('mark', {}, key) : key;
    if (v === null || typeof v !== 'object' || Object.keys(v).length === 0) return h('li', {}, h('span', {class: 'of'}, name, ': '), leaf(v));
    if (Array.isArray(v) && v.every((x) => x === null || typeof x !== 'object') && v.length < 12) return h('li', {}, h('span', {class: 'of'}, name, ': '), leaf(v));
    const size = Object.keys(v).length;
    const box = h('details', {open: open > 0}, h('summary', {}, name, h('span', {class: 'of'}, ` (${size})`)));
    const fill = () => { if (box.children.length === 1) box.append(tree(v, open - 1, differs, here)); };
    if (open > 0) fill();
    else box.addEventListener('toggle', fill, {once: true});
    return h('li', {}, box);
  }));
}
