// A real Chromium that a test drives, and the server of its pages.
//
//   node browser.mjs CHROMIUM
//
// Writes {"origin", "version"}, and then reads a JSON object a line and writes one for each:
//   {"do": "open", "page", "how"}     a page in a profile of its own (page.mjs)
//   {"do": "shown", "page"}           {"shown": [{"at", "value", "reason", "who"}], "failure"}
//   {"do": "reload", "page"}          the same page anew, in the same profile
//   {"do": "switch", "page", "who"}   another user, on the same page
//   {"do": "close", "page"}
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = fileURLToPath(new URL('.', import.meta.url));
const kTypes = { '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript' };

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, 'http://a').pathname);
  try {
    const text = await readFile(join(here, path));
    response.writeHead(200, { 'Content-Type': kTypes[extname(path)] ?? 'text/plain' });
    response.end(text);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
});
console.log(JSON.stringify({ origin, version: browser.version() }));

const pages = {};
const commands = {
  async open({ page, how }) {
    const context = await browser.newContext();
    pages[page] = await context.newPage();
    await pages[page].goto(`${origin}/page.html?${encodeURIComponent(JSON.stringify(how))}`);
  },
  shown: ({ page }) =>
    pages[page].evaluate(() => ({ shown: window.shown ?? [], failure: window.failure ?? null })),
  reload: ({ page }) => pages[page].reload(),
  switch: ({ page, who }) => pages[page].evaluate((other) => void window.switchUser(other), who),
  close: ({ page }) => pages[page].context().close(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = await commands[command.do](command);
  } catch (error) {
    answer = { error: String(error) };
  }
  // Of a reload there is a response, which is no JSON.
  console.log(JSON.stringify(command.do === 'reload' && !answer?.error ? {} : (answer ?? {})));
}
await browser.close();
process.exit(0);
