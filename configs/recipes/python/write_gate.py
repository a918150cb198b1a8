"""The write gate, for an application that evaluates a flag once and uses it for hours: what it saves
by the new way has to be covered by the lease token that came with the flag (`leaseToken` in its
metadata). A token that is past or another's is no reason to refuse a save: it takes the old way, with
the same text.

    new_way = holds(KEYS, "notes-editor-v2", user.id, "new", request.headers.get("X-Lease-Token"))
    (save_by_new_way if new_way else save_by_old_way)(text)
"""
import hashlib
import hmac
import time


def mac(key, *fields):
    """Of netstrings, so that no two lists of fields are signed alike."""
    parts = [str(field).encode() for field in ("readback lease", 1, *fields)]
    message = b"".join(b"%d:%s," % (len(part), part) for part in parts)
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def holds(keys, flag, practitioner, variant, token, clock=time.time):
    """Whether `token` covers a save of this practitioner now. `keys`: the lines of the key file."""
    version, generation, until, given = ((token or "").split(".") + [""] * 4)[:4]
    if version != "1" or not generation.isdecimal() or not until.isdecimal():
        return False
    wanted = [mac(key, flag, practitioner, variant, generation, until) for key in keys]
    is_ours = any([hmac.compare_digest(one.encode(), given.encode()) for one in wanted])
    return is_ours and clock() * 1000 < int(until)
