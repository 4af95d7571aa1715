// The program writes "us", which every terminal shows; the page writes "µs", as its axes do.
const kKept = new Set(['resolved', 'command', 'machine', 'files', 'changes', 'series', 'from', 'to', 'count', 'fine',
  'name', 'metric', 'scenario', 'directory', 'description', 'meaning', 'path', 'parameters', 'file', 'title', 'base']);

/** Texts of numbers in `value`, in place; names, paths and what a scenario says stay as they are. */
export function withMicro(value) {
  if (typeof value === 'string') return value.replace(/(\d[ \u00a0\u202f]?)us(?![a-zA-Z0-9_.-])|^us$/g, (_, digit) => `${digit ?? ''}µs`);
  if (value === null || typeof value !== 'object') return value;
  for (const [key, inner] of Object.entries(value)) {
    if (!kKept.has(key)) value[key] = withMicro(inner);
  }
  return value;
}
