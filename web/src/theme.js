// Dark and light: as the system has it, or as the reader chose. Charts ask for colours when they are
// drawn and are drawn anew when the theme changes, and in light before printing.
import {get, set} from './state.js';
import {h} from './dom.js';

const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = [];
let printing = false;

export const chosen = () => get('theme', 'auto');
export const dark = () => !printing && (chosen() === 'dark' || (chosen() === 'auto' && system.matches));

export function onTheme(act) {
  listeners.push(act);
}

function apply() {
  document.documentElement.dataset.theme = dark() ? 'dark' : 'light';
  for (const act of listeners) act();
}

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    series: Array.from({length: 8}, (_, i) => of(`series-${i + 1}`)),
    text: of('text'), quiet: of('quiet'), line: of('line'), paper: of('paper'), band: of('band'), accent: of('accent'),
  };
}

/** So much of a colour (#rrggbb) on the paper. */
export function tint(colour, paper, share) {
  const parts = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const below = parts(paper);
  return `rgb(${parts(colour).map((part, i) => Math.round(share * part + (1 - share) * below[i])).join(',')})`;
}

/** Told apart without colour too. */
export const dashes = ['solid', [7, 3], [2, 2], [9, 3, 2, 3], [4, 2], [1, 3], [12, 3], [6, 2, 1, 2]];
export const symbols = ['circle', 'diamond', 'rect', 'triangle', 'roundRect', 'pin', 'arrow', 'circle'];

export function toggle() {
  const names = {auto: 'as the system', light: 'light', dark: 'dark'};
  const next = {auto: 'light', light: 'dark', dark: 'auto'};
  const button = h('button', {class: 'plain theme', onclick: () => {
    const to = next[chosen()];
    set('theme', to === 'auto' ? '' : to);
    say();
    apply();
  }});
  const say = () => { button.textContent = `Theme: ${names[chosen()]}`; };
  say();
  return button;
}

system.addEventListener('change', apply);
addEventListener('beforeprint', () => { printing = true; apply(); });
addEventListener('afterprint', () => { printing = false; apply(); });
document.documentElement.dataset.theme = dark() ? 'dark' : 'light';
