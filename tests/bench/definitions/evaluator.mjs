// The other evaluator that tests/bench/definitions/run measures; see evaluator.cc.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FlagdCore } from '@openfeature/flagd-core';

const quiet = { error() {}, warn() {}, info() {}, debug() {} };
const core = new FlagdCore(undefined, quiet);
core.setConfigurations(readFileSync(process.argv[2], 'utf8'));
const contexts = JSON.parse(readFileSync(process.argv[3], 'utf8'));

for await (const line of createInterface({ input: process.stdin })) {
  const [key, times] = line.split(' ');
  let values = 0;
  const began = process.hrtime.bigint();
  for (let i = 0; i < Number(times); ++i) {
    const context = contexts[i % contexts.length];
    if (key === '*') {
      values += core.resolveAll(context, quiet).length;
    } else if (core.resolveBooleanEvaluation(key, undefined, context, quiet).value !== undefined) {
      values += 1;
    }
  }
  console.log(`${process.hrtime.bigint() - began} ${values}`);
}
