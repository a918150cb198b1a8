// The write gate, for an application that evaluates a flag once and uses it for hours: what it saves
// by the new way has to be covered by the lease token that came with the flag (`leaseToken` in its
// metadata). A token that is past or another's is no reason to refuse a save: it takes the old way,
// with the same text.
//
//   const newWay = holds(KEYS, 'notes-editor-v2', user.id, 'new', request.headers['x-lease-token']);
//   (newWay ? saveByNewWay : saveByOldWay)(text);
import { createHmac, timingSafeEqual } from 'node:crypto';

// Of netstrings, so that no two lists of fields are signed alike.
export function mac(key, ...fields) {
  const hash = createHmac('sha256', key);
  for (const field of ['readback lease', 1, ...fields].map((one) => Buffer.from(String(one))))
    hash.update(`${field.length}:`).update(field).update(',');
  return hash.digest('hex');
}

// Whether `token` covers a save of this practitioner now. `keys`: the lines of the key file.
export function holds(keys, flag, practitioner, variant, token, now = Date.now()) {
  const match = /^1\.([0-9]+)\.([0-9]+)\.([0-9a-f]{64})$/.exec(token ?? '');
  if (!match) return false;
  const [, generation, until, given] = match;
  const isOurs = keys
    .map((key) => mac(key, flag, practitioner, variant, generation, until))
    .some((wanted) => timingSafeEqual(Buffer.from(wanted), Buffer.from(given)));
  return isOurs && now < Number(until);
}
