// What flagd's own library for JavaScript answers, for tests that compare.
//
//   node evaluate.mjs DEFINITIONS
//
// Reads what `guard flags evaluate` reads (guard/command/flags_evaluate.h). Writes for each line
// {"compiled": ANSWER, "interpreted": ANSWER}: the library evaluates rules in two ways, of which the
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FlagdCore } from '@openfeature/flagd-core';

const quiet = { error() {}, warn() {}, info() {}, debug() {} };
const definitions = readFileSync(process.argv[2], 'utf8');
const cores = { compiled: false, interpreted: true };
for (const [name, disableDynamicCodeGeneration] of Object.entries(cores)) {
  cores[name] = new FlagdCore(undefined, quiet, { disableDynamicCodeGeneration });
  cores[name].setConfigurations(definitions);
}
const methods = {
  boolean: 'resolveBooleanEvaluation',
  string: 'resolveStringEvaluation',
  number: 'resolveNumberEvaluation',
  object: 'resolveObjectEvaluation',
};

const lines = [];
for await (const line of createInterface({ input: process.stdin })) lines.push(JSON.parse(line));
const out = [];
for (const { flagKey, type, default: otherwise, context, timestamp } of lines) {
  Date.now = () => timestamp * 1000;
  const answers = {};
  for (const [name, core] of Object.entries(cores)) {
    const answer = core[methods[type]](flagKey, otherwise, context, quiet);
    answers[name] = {
      value: answer.value,
      variant: answer.variant,
      reason: answer.reason,
      errorCode: answer.errorCode,
      metadata: answer.flagMetadata,
    };
  }
  out.push(JSON.stringify(answers));
}
process.stdout.write(out.join('\n') + '\n');
