// The documents of the repository, and what in them can be tried.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import GithubSlugger from 'github-slugger';
import { lexer, walkTokens } from 'marked';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** All documents, as paths from the root. */
export function documents() {
  const listed = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' });
  return listed.trim().split('\n');
}

function tokens(document) {
  const found = [];
  walkTokens(lexer(readFileSync(join(root, document), 'utf8')), (token) => found.push(token));
  return found;
}

/** The blocks in a language; the language of an indented one is ''. */
export function blocks(document, language) {
  return tokens(document)
    .filter((token) => token.type === 'code' && (token.lang ?? '') === language)
    .map((token) => token.text);
}

/** The blocks of commands of a page that is one story, each with what it prints: the block beneath it, if that is of another kind. */
export function story(document) {
  const all = tokens(document).filter((token) => token.type === 'code');
  return all.flatMap(({ lang, text }, index) => {
    const beneath = all[index + 1];
    return lang === 'sh' ? [{ commands: text, prints: beneath?.lang === 'sh' ? undefined : beneath?.text }] : [];
  });
}

/** What stands in backticks within a sentence or a table. */
export function spans(document) {
  return tokens(document)
    .filter((token) => token.type === 'codespan')
    .map((token) => token.text);
}

/** Where the document's links to other files of the repository lead: the file, and the heading in it. */
export function links(document) {
  return tokens(document)
    .filter((token) => ['link', 'image'].includes(token.type) && !/^[a-z]+:/.test(token.href))
    .map((token) => {
      const [path, heading] = token.href.split('#');
      return { href: token.href, path: path ? normalize(join(dirname(document), path)) : document, heading };
    });
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchors(document) {
  const slugger = new GithubSlugger();
  return tokens(document)
    .filter((token) => token.type === 'heading')
    .map((token) => slugger.slug(plain(token.tokens)));
}

function plain(inline) {
  return inline.map((token) => (token.tokens ? plain(token.tokens) : token.text)).join('');
}
