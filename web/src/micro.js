// The program writes "us", which every terminal shows; the page writes "µs", as its axes do.
const kKept = new Set(['resolved', 'command', 'machine', 'files', 'changes', 'series', 'from', 'to', 'count', 'fine',
  'name', 'metric', 'scenario', 'directory', 'description', 'meaning', 'path', 'parameters', 'file', 'title', 'base',
  'places', 'mean', 'greatest', 'holder']);

/** Texts of numbers in `value`, in place; names, paths, packed numbers and what a scenario says stay as they are: a region may
    be called "us", and base64 may hold what looks like a unit. */
export function withMicro(value, key = '') {
  if (typeof value === 'string') {
    if (value === 'us') return key === 'unit' ? 'µs' : value;
    return value.replace(/(\d[ \u00a0\u202f])us(?![a-zA-Z0-9_.:-])/g, '$1µs');
  }
  if (value === null || typeof value !== 'object') return value;
  for (const [inner, of] of Object.entries(value)) {
    if (!kKept.has(inner)) value[inner] = withMicro(of, inner);
  }
  return value;
}
