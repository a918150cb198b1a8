// A page. The provider's defaults keep a treatment for 30 days in the browser, and show it again
// after a reload: here the network comes first, what is kept is kept for a lease's time at most, and
// the hook ends it then. The provider listens to the guard's event stream by itself. Polling is the
// second way, for where a proxy breaks streams; it also lets a page recover whose first question
// failed.
import { OpenFeature } from '@openfeature/web-sdk';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { leaseHook } from './lease_hook.mjs';

export async function connect(baseUrl, token, practitioner, leaseSeconds = 60) {
  OpenFeature.addHooks(leaseHook);
  await OpenFeature.setContext({ targetingKey: practitioner });
  const options = {
    baseUrl,
    headers: [['Authorization', `Bearer ${token}`]],
    cacheMode: 'network-first',
    cacheTTL: leaseSeconds,
    timeoutMs: 2000,
    pollInterval: (leaseSeconds * 1000) / 2,
  };
  await OpenFeature.setProviderAndWait(new OFREPWebProvider(options));
  return OpenFeature.getClient();
}
