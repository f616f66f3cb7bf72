// Draws docs/architecture.d2 as docs/architecture.svg; with `--check` says whether that is what it draws.

import { readFileSync, writeFileSync } from 'node:fs';
import { D2 } from '@terrastruct/d2';

const source = new URL('../../docs/architecture.d2', import.meta.url);
const picture = new URL('../../docs/architecture.svg', import.meta.url);

/** The themes called "Neutral default" and "Dark mauve": the reader's browser chooses. */
const LIGHT = 0;
const DARK = 200;

const d2 = new D2();
const { diagram, renderOptions } = await d2.compile(readFileSync(source, 'utf8'), {
  layout: 'elk',
  themeID: LIGHT,
  darkThemeID: DARK,
  pad: 16,
});
const drawn = `${await d2.render(diagram, renderOptions)}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(picture, 'utf8') !== drawn) {
    console.error('docs/architecture.svg is not what docs/architecture.d2 says: run `npm run diagram` in infra/docs.');
    process.exit(1);
  }
} else {
  writeFileSync(picture, drawn);
}
// Its worker thread would keep the process.
process.exit(0);
