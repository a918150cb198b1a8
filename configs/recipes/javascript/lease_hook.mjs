// The lease, honoured by an application in a browser or on a server: an answer is not used after the
// moment in its metadata. The SDK then gives the code default, whatever kept the answer so long: a
// cache, a proxy, a reply that came late, a guard that died.
//
//   OpenFeature.addHooks(leaseHook);
export const leaseHook = {
  after(_, details) {
    const until = details.flagMetadata.leaseUntilMs;
    if (until !== undefined && !(Date.now() < until)) throw new Error('the lease is past');
  },
};
