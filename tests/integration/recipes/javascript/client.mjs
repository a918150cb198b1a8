// Asks for each flag that is named, without the recipe's hook and with it; see recipes_test.py.
import { OpenFeature } from '@openfeature/server-sdk';
import { connect } from './server.mjs';

const [baseUrl, ...flags] = process.argv.slice(2);
const client = await connect(baseUrl, 'no token is needed here');
const ask = async (hook) => {
  for (const flag of flags) {
    const value = await client.getStringValue(flag, 'code default', { targetingKey: 'dr-martin' });
    console.log(JSON.stringify({ flag, hook, value }));
  }
};
const hooks = OpenFeature.getHooks();
OpenFeature.clearHooks();
await ask(false);
OpenFeature.addHooks(...hooks);
await ask(true);
