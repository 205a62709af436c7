# Reads a pylock.toml as `packaging` does: {"text": …}. Says what it would install here, and its notes.
import json, sys, tomllib
from packaging.pylock import Pylock

text = json.load(sys.stdin)["text"]
lock = Pylock.from_dict(tomllib.loads(text))
selected = [[package.name, str(package.version), type(source).__name__] for package, source in lock.select()]
sizes = [wheel.size for package in lock.packages for wheel in package.wheels or []]
json.dump({
    "created_by": lock.created_by,
    "environments": len(lock.environments or []),
    "selected": sorted(selected),
    "inputs": lock.tool["pinproof"]["inputs"],
    "sizes": sizes,
}, sys.stdout)
