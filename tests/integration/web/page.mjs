// A page as any other, of which a test sees what it shows. The query says how it is made:
// {"base", "token", "flag", "who", "lease_s", "is_recipe"}: with the recipe of configs/recipes, or
// with the provider as its defaults have it.
import { OpenFeature } from '@openfeature/web-sdk';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { connect } from '/web.mjs';

const how = JSON.parse(decodeURIComponent(location.search.slice(1)));
const headers = [['Authorization', `Bearer ${how.token}`]];

async function connectAsItComes() {
  await OpenFeature.setContext({ targetingKey: how.who });
  await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl: how.base, headers }));
}

window.switchUser = (who) => OpenFeature.setContext({ targetingKey: who });
// Each change of what is shown, with its time.
window.shown = [];
const client = OpenFeature.getClient();
const look = () => {
  const { value, reason } = client.getBooleanDetails(how.flag, false);
  const last = window.shown.at(-1);
  if (last && last.value === value && last.reason === reason) return;
  window.shown.push({ at: Date.now(), value, reason, who: OpenFeature.getContext().targetingKey });
};
const start = how.is_recipe
  ? connect(how.base, how.token, how.who, how.lease_s)
  : connectAsItComes();
await start.catch((error) => (window.failure = String(error)));
setInterval(look, 5);
look();
