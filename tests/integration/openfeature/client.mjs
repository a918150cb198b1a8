// A server application as any other: the real OpenFeature SDK with the real OFREP provider.
//
//   node client.mjs BASE_URL TOKEN [TIMEOUT_MS [lease-hook]]
//
// Reads a JSON object a line: {"type": "string", "key": KEY, "default": VALUE, "context": {...}}.
// Writes for each the SDK's details and how long they took: {"value", "variant", "reason",
// "metadata", "errorCode", "errorMessage", "ms"}.
//
// TIMEOUT_MS (0: none) is of the fetch itself: the provider's own does not cover the body, and the
// registry's provider has none.
import { createInterface } from 'node:readline';
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { leaseHook } from './lease_hook.mjs';

const [baseUrl, token, timeout = '250', hook] = process.argv.slice(2);
const timeoutMs = Number(timeout);
const fetchImplementation = timeoutMs
  ? (url, options) => fetch(url, { ...options, signal: AbortSignal.timeout(timeoutMs) })
  : undefined;

await OpenFeature.setProviderAndWait(
  new OFREPProvider({
    baseUrl,
    headers: [['Authorization', `Bearer ${token}`]],
    ...(fetchImplementation && { fetchImplementation }),
  }),
);
const client = OpenFeature.getClient();
if (hook === 'lease-hook') client.addHooks(leaseHook);
const methods = {
  boolean: 'getBooleanDetails',
  string: 'getStringDetails',
  number: 'getNumberDetails',
  object: 'getObjectDetails',
};

for await (const line of createInterface({ input: process.stdin })) {
  const ask = JSON.parse(line);
  const began = performance.now();
  const details = await client[methods[ask.type]](ask.key, ask.default, ask.context ?? {});
  const { value, variant, reason, flagMetadata: metadata, errorCode, errorMessage } = details;
  const ms = Math.round(performance.now() - began);
  console.log(JSON.stringify({ value, variant, reason, metadata, errorCode, errorMessage, ms }));
}
