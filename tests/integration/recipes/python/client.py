"""Asks for each flag that is named, without the hook and with it; see recipes_test.py."""
import json
import sys

from lease_hook import LeaseHook
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

base_url, *flags = sys.argv[1:]
api.set_provider(OFREPProvider(base_url))
client = api.get_client()
for hook in (False, True):
    if hook:
        client.add_hooks([LeaseHook()])
    for flag in flags:
        value = client.get_string_value(flag, "code default", EvaluationContext("dr-martin"))
        print(json.dumps({"flag": flag, "hook": hook, "value": value}), flush=True)
