// A server application: a call ends after 250 ms, body included (the provider's own time-out does
// not cover the body), and the code default is the safe variant.
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { leaseHook } from './lease_hook.mjs';

export async function connect(baseUrl, token, timeoutMs = 250) {
  const fetchImplementation = (url, options) =>
    fetch(url, { ...options, signal: AbortSignal.timeout(timeoutMs) });
  const headers = [['Authorization', `Bearer ${token}`]];
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers, fetchImplementation }));
  OpenFeature.addHooks(leaseHook);
  return OpenFeature.getClient();
}
