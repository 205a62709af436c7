# Makes wheels in a folder: {"folder": …, "wheels": [[name, version, [requirement]]]}.
# Says of each file its name, its SHA-256 and its size; and the Python that runs this.
import hashlib, json, os, sys, zipfile

asked = json.load(sys.stdin)
made = {}
for name, version, requires in asked["wheels"]:
    stem = name.replace("-", "_")
    info = f"{stem}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nProvides-Extra: fast\n"
    metadata += "".join(f"Requires-Dist: {one}\n" for one in requires)
    files = {
        f"{stem}.py": f"VERSION = '{version}'\n",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    path = os.path.join(asked["folder"], f"{stem}-{version}-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as wheel:
        for member, text in files.items():
            wheel.writestr(member, text)
    with open(path, "rb") as file:
        data = file.read()
    made[f"{name} {version}"] = [os.path.basename(path), hashlib.sha256(data).hexdigest(), len(data)]
version = "{}.{}".format(*sys.version_info)
json.dump({"made": made, "python": version}, sys.stdout)
