// What was down, as stretches of a chart with their names, and the warm-up.

/** Stretches in which something is down: [from, to, name]. */
export function outages(data) {
  const found = [];
  for (const column of data.columns) {
    const name = /^failures\.(.+)\.down_items$/.exec(column.name)?.[1];
    if (!name || column.zero) continue;
    const most = column.high ?? column.mean;
    for (let i = 0; i < most.length; ++i) {
      if (!(most[i] > 0)) continue;
      const last = found.at(-1);
      if (last && last[2] === name && last[1] === data.from[i]) last[1] = data.to[i];
      else found.push([data.from[i], data.to[i], name]);
    }
  }
  return found.length <= 40 ? found : [];
}

/** Outages that have a name above the first chart, where there is room for it, and how far it is moved. */
export function flags(owner, panel, width) {
  const found = new Map();
  if (panel !== owner.panels[0]) return found;
  let free = -Infinity;
  for (const down of owner.downs) {
    const [from, to, name] = [Math.max(down[0], owner.from), Math.min(down[1], owner.to), `${down[2]} down`];
    if (!(from < to)) continue;
    const middle = ((from + to) / 2 - owner.from) / (owner.to - owner.from) * width;
    const half = name.length * 3.1 + 3;
    const shown = Math.max(half, Math.min(middle, width - half));
    if (shown - half < free) continue;
    free = shown + half + 6;
    found.set(down, {name, by: shown - middle});
  }
  return found;
}

/** The warm-up, which no metric counts, and what was down. */
export function marks(owner, panel, of, width) {
  const named = flags(owner, panel, width);
  const areas = owner.downs.filter(([from, to]) => to > owner.from && from < owner.to).map((down) => [
    {xAxis: Math.max(down[0], owner.from), itemStyle: {color: of.series[1], opacity: 0.13},
      label: {show: named.has(down), formatter: named.get(down)?.name ?? '', position: 'top', color: of.text, fontSize: 11, distance: 17, offset: [named.get(down)?.by ?? 0, 0]}},
    {xAxis: Math.min(down[1], owner.to)}]);
  const warmup = Math.min(owner.run.warmup_s, owner.to);
  if (warmup > owner.from) areas.push([{xAxis: owner.from, itemStyle: {color: of.quiet, opacity: 0.14}}, {xAxis: warmup}]);
  return {type: 'line', data: [], silent: true, markArea: {silent: true, data: areas}};
}
