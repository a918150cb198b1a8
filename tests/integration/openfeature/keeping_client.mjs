// Two applications that keep each answer when the next one fails, as web providers and caches do:
// 'checked' honours the lease by the hook, 'unchecked' does not. Both ask every 50 ms.
//
//   node keeping_client.mjs BASE_URL TOKEN KEY PRACTITIONER
//
// Writes a line each 200 ms for each: {"client", "value", "at_ms", "last_treatment_ms", "until_ms",
// "asked_past_stamp"}: the value that it holds, when it last held treatment and by which stamp, and
// how many questions that were asked at or after their answer's stamp got treatment all the same.
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { leaseHook } from './lease_hook.mjs';

const [baseUrl, token, key, practitioner] = process.argv.slice(2);
const kEveryMs = 50;
const kReportMs = 200;

class KeepingProvider {
  metadata = { name: 'keeping' };
  runsOn = 'server';
  #kept;
  #source = new OFREPProvider({
    baseUrl,
    headers: [['Authorization', `Bearer ${token}`]],
    fetchImplementation: (url, options) =>
      fetch(url, { ...options, signal: AbortSignal.timeout(250) }),
  });

  async resolveBooleanEvaluation(flag, codeDefault, context) {
    try {
      const answer = await this.#source.resolveBooleanEvaluation(flag, codeDefault, context);
      if (answer.errorCode) throw new Error(answer.errorCode);
      this.#kept = answer;
    } catch (error) {
      if (this.#kept === undefined) throw error;
    }
    return this.#kept;
  }
}

async function live(name, hooks) {
  await OpenFeature.setProviderAndWait(name, new KeepingProvider());
  const client = OpenFeature.getClient(name);
  client.addHooks(...hooks);
  const seen = { client: name, last_treatment_ms: null, until_ms: null, asked_past_stamp: 0 };
  let reported = 0;
  for (;;) {
    const askedAt = Date.now();
    const details = await client.getBooleanDetails(key, false, { targetingKey: practitioner });
    const now = Date.now();
    if (details.value) {
      seen.last_treatment_ms = now;
      seen.until_ms = details.flagMetadata.leaseUntilMs;
      seen.asked_past_stamp += askedAt >= seen.until_ms;
    }
    if (now - reported >= kReportMs) {
      reported = now;
      console.log(JSON.stringify({ ...seen, value: details.value, at_ms: now }));
    }
    await new Promise((resolve) => setTimeout(resolve, kEveryMs));
  }
}

await Promise.all([live('checked', [leaseHook]), live('unchecked', [])]);
