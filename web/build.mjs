// Makes one HTML file of web/src: node build.mjs NODE_MODULES OUT. The program puts the title and the
// data in place of two marks, so that each must occur exactly once.
import {createRequire} from 'node:module';
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const [modules, out] = process.argv.slice(2);
const source = join(dirname(fileURLToPath(import.meta.url)), 'src');
const esbuild = createRequire(join(modules, 'x.js'))('esbuild');

const options = {
  bundle: true,
  minify: true,
  write: false,
  charset: 'utf8',
  format: 'iife',
  legalComments: 'none',  // the licences are named in the page's footer
  target: ['chrome100', 'firefox100', 'safari15.4'],
  nodePaths: [modules],
  logLevel: 'warning',
};
const built = async (entry) => {
  const result = await esbuild.build({...options, entryPoints: [join(source, entry)]});
  return result.outputFiles[0].text;
};

let page = readFileSync(join(source, 'page.html'), 'utf8');
const put = (mark, text) => {
  const parts = page.split(mark);
  if (parts.length !== 2) throw new Error(`${mark} must occur once in page.html`);
  page = parts.join(text);
};
put('/*style*/', await built('style.css'));
put('/*script*/', await built('main.js'));
for (const mark of ['<!--title-->', '<!--data-->']) {
  if (page.split(mark).length !== 2) throw new Error(`${mark} must occur once in the page`);
}
writeFileSync(out, page);
