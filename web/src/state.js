// What the reader chose, kept in the address: a link to the page shows the same.
const values = new URLSearchParams(location.hash.slice(1));

export const get = (key, otherwise = '') => values.get(key) ?? otherwise;

export function set(key, value) {
  if (value === '' || value === null || value === undefined) values.delete(key);
  else values.set(key, value);
  const text = values.toString();
  try {
    history.replaceState(null, '', text ? `#${text}` : location.pathname + location.search);
  } catch { /* a page in a sandboxed frame has no history */ }
}
