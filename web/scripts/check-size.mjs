// The first load (what index.html names) must stay small enough for a phone on a bad line.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 150;
const dist = new URL('../dist/', import.meta.url);
const page = readFileSync(new URL('index.html', dist), 'utf8');
const files = [...page.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((match) => match[1]);
let total = 0;
for (const file of files) {
  const size = gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000;
  total += size;
  console.log(`${size.toFixed(1).padStart(7)} kB gzip  ${file}`);
}
console.log(`${total.toFixed(1).padStart(7)} kB gzip  first load, of ${BUDGET_KB} kB allowed`);
if (files.length === 0 || total > BUDGET_KB) {
  process.exit(1);
}
