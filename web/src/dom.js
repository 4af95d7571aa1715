// Elements, and the small things that every view needs.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  put(element, attributes, children);
  return element;
}

const kSvg = 'http://www.w3.org/2000/svg';
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(kSvg, tag);
  put(element, attributes, children);
  return element;
}

function put(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else element.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === '') continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function section(id, title, ...children) {
  return h('section', {id, 'aria-labelledby': `${id}-title`}, h('h2', {id: `${id}-title`}, title), children);
}

const sizes = new ResizeObserver((entries) => { for (const {target} of entries) (target.hint ?? target.parentElement?.hint)?.(); });

/** A box in which what is wider scrolls sideways; a shadow on its edge says that there is more. */
export function scroller(attributes, ...children) {
  const box = h('div', {tabindex: 0, role: 'region', ...attributes, class: `${attributes.class ?? ''} scroll`.trim()}, children);
  box.hint = () => {
    box.classList.toggle('before', box.scrollLeft > 1);
    box.classList.toggle('more', box.scrollWidth - box.clientWidth - box.scrollLeft > 1);
  };
  box.addEventListener('scroll', box.hint, {passive: true});
  for (const one of [box, ...box.children]) sizes.observe(one);
  return box;
}

let nextId = 0;
export const fresh = (stem) => `${stem}-${++nextId}`;

export function select(label, options, value, change) {
  const id = fresh('choice');
  const box = h('select', {id, onchange: () => change(box.value)},
    options.map(([key, text]) => h('option', {value: key, selected: String(key) === String(value)}, text)));
  return h('span', {class: 'field'}, h('label', {for: id}, label), box);
}

const status = h('p', {class: 'status', role: 'status', 'aria-live': 'polite'});
document.body.append(status);
let clearing = 0;
export function tell(text) {
  status.textContent = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => { status.textContent = ''; }, 2500);
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // some browsers give pages from files no clipboard
    const area = h('textarea', {class: 'offscreen', 'aria-hidden': 'true'});
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  tell(`${what} copied`);
}

export function save(text, name, type) {
  const link = h('a', {href: URL.createObjectURL(new Blob([text], {type})), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function csv(rows) {
  const cell = (value) => {
    if (value === null || value === undefined || Number.isNaN(value)) return '';
    const text = String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(',')).join('\n') + '\n';
}
