"""The lease, honoured by an application: an answer is not used after the moment in its metadata.
The SDK then gives the code default, whatever kept the answer so long.

    openfeature.api.add_hooks([LeaseHook()])
"""
import time

from openfeature.exception import GeneralError
from openfeature.hook import Hook


class LeaseHook(Hook):
    def after(self, hook_context, details, hints):
        until = details.flag_metadata.get("leaseUntilMs")
        if until is not None and not time.time() * 1000 < until:
            raise GeneralError("the lease is past")
