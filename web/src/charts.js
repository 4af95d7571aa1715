// Apache ECharts with what the page uses of it, and charts that follow size and theme.
import {init, use} from 'echarts/core';
import {CustomChart, LineChart, ScatterChart} from 'echarts/charts';
import {AriaComponent, GridComponent, MarkAreaComponent, TooltipComponent} from 'echarts/components';
import {CanvasRenderer, SVGRenderer} from 'echarts/renderers';
import {scaleOf} from './numbers.js';
import {colours, onTheme} from './theme.js';

use([CustomChart, LineChart, ScatterChart, AriaComponent, GridComponent, MarkAreaComponent, TooltipComponent,
  CanvasRenderer, SVGRenderer]);

const all = new Set();
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    const one = [...all].find((chart) => chart.element === entry.target);
    if (one) one.start();
  }
}, {rootMargin: '400px'});
const sizes = new ResizeObserver((entries) => {
  for (const entry of entries) {
    const one = [...all].find((chart) => chart.element === entry.target);
    if (one?.chart) one.chart.resize();
  }
});

/** `option(colours)` is asked for whenever the chart is drawn. Drawn when it comes into view. */
export class Chart {
  constructor(element, option, {renderer = 'svg', ready = () => {}} = {}) {
    Object.assign(this, {element, option, renderer, ready, chart: null});
    all.add(this);
    seen.observe(element);
  }
  start() {
    if (this.chart) return;
    seen.unobserve(this.element);
    this.chart = init(this.element, null, {renderer: this.renderer});
    sizes.observe(this.element);
    this.draw();
    this.ready(this.chart);
    this.element.dataset.drawn = 'true';
  }
  draw() {
    if (this.chart) this.chart.setOption(this.option(colours()), {notMerge: true, lazyUpdate: false, silent: true});
  }
  end() {
    all.delete(this);
    seen.unobserve(this.element);
    sizes.unobserve(this.element);
    this.chart?.dispose();
  }
}

onTheme(() => { for (const chart of all) chart.draw(); });
addEventListener('beforeprint', () => {
  for (const chart of all) {
    chart.start();
    chart.draw();
  }
});
window.hyperdcCharts = all;  // for tests of the page, and for the curious

export const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif";

/** Measures texts: set its font first. */
export const pen = document.createElement('canvas').getContext('2d');

/** The begin and the end of a name that is wider than `width`: runs differ in the seed, which is last. `lines` of it may be full. */
export function shortened(name, width, size, lines = 1) {
  pen.font = `${size}px ${fontFamily}`;
  const most = width * lines * 0.94;
  if (pen.measureText(name).width <= most) return name;
  for (let kept = name.length - 1; kept > 2; --kept) {
    const end = Math.floor(kept / 2);
    const text = `${name.slice(0, kept - end)}…${name.slice(-end)}`;
    if (pen.measureText(text).width <= most) return text;
  }
  return '…';
}

/** In two lines, between words if both then have room; else the chart breaks it where the room ends. */
function inTwo(name, width, size) {
  pen.font = `${size}px ${fontFamily}`;
  const fits = (text) => pen.measureText(text).width <= width;
  if (fits(name)) return name;
  for (let at = name.lastIndexOf(' '); at > 0; at = name.lastIndexOf(' ', at - 1)) {
    if (fits(name.slice(0, at)) && fits(name.slice(at + 1))) return `${name.slice(0, at)}\n${name.slice(at + 1)}`;
  }
  return name;
}

/** The names of rows on the left, on a narrow screen in two lines. */
export function nameLabel(of, width, narrow) {
  const size = narrow ? 12 : 13;
  return {color: of.text, fontSize: size, lineHeight: narrow ? 13 : undefined, width, overflow: narrow ? 'breakAll' : 'truncate', interval: 0,
    formatter: (name) => narrow ? inTwo(shortened(name, width, size, 2), width, size) : shortened(name, width, size)};
}

export function basics(of) {
  return {
    animation: false,
    textStyle: {fontFamily, fontSize: 12, color: of.quiet},
    aria: {enabled: false},  // the figure around a chart says what it shows, and has its numbers as a table
  };
}

export function axis(of, more = {}) {
  return {
    axisLine: {lineStyle: {color: of.line}},
    axisTick: {show: false},
    splitLine: {lineStyle: {color: of.line, opacity: 0.7}},
    axisLabel: {color: of.quiet, fontSize: 12},
    nameTextStyle: {color: of.quiet, fontSize: 12},
    ...more,
  };
}

export function tooltip(of) {
  return {
    backgroundColor: of.paper, borderColor: of.line, textStyle: {color: of.text, fontSize: 13},
    confine: true, transitionDuration: 0, padding: [8, 12],
  };
}

/** Round bounds and a step, in the unit in which they are shown, for an axis that holds [low, high]. */
export function nice(show, low, high, most = 5) {
  const scale = scaleOf(show, Math.max(Math.abs(low), Math.abs(high)));
  const b = bounds(low / scale.factor, high / scale.factor, most);
  return {min: b.min * scale.factor, max: b.max * scale.factor, step: b.step * scale.factor, scale};
}

export function bounds(low, high, most = 5) {
  if (!(low < high)) {
    const pad = Math.abs(low) > 0 ? Math.abs(low) * 0.1 : 1;
    [low, high] = [low - (low === 0 ? 0 : pad), high + pad];
  }
  const raw = (high - low) / most;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((x) => x * size).find((x) => x >= raw * 0.999);
  return {min: Math.floor(low / step + 1e-9) * step, max: Math.ceil(high / step - 1e-9) * step, step};
}
