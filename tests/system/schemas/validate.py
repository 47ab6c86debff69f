#!/usr/bin/env python3
"""Validates JSON documents of an OCI layout or a registry's blobs against the image specification's own schemas.

    validate.py DIRECTORY...      index.json, oci-layout, and every blob below that is a manifest, an index or a config

Prints one line for each kind, and ends with 1 where a document does not fit or there was none."""

import json
import pathlib
import sys

import jsonschema

SCHEMAS = pathlib.Path("/usr/share/gocode/src/github.com/opencontainers/image-spec/schema")
# The schemas name each other by addresses below this one, whatever file they are in.
STORE = {f"https://opencontainers.org/schema/{path.name}": json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
STORE |= {f"https://opencontainers.org/schema/{folder}/{name}": document
          for folder in ("image", "descriptor", "manifest", "config", "index")
          for name, document in [(key.rsplit("/", 1)[1], value) for key, value in STORE.items()]}


def kind_of(path, document):
    """By what it holds: a blob has no name."""
    if path.name == "oci-layout":
        return "image-layout-schema.json"
    if "manifests" in document:
        return "image-index-schema.json"
    if "layers" in document and "config" in document:
        return "image-manifest-schema.json"
    if "rootfs" in document:
        return "config-schema.json"
    return None


def main():
    counts = {}
    failures = 0
    for directory in sys.argv[1:]:
        for path in sorted(pathlib.Path(directory).rglob("*")):
            if not path.is_file() or path.stat().st_size > 4 << 20:
                continue
            try:
                document = json.loads(path.read_bytes())
            except ValueError:
                continue  # a layer
            kind = kind_of(path, document) if isinstance(document, dict) else None
            if kind is None:
                continue
            schema = json.loads((SCHEMAS / kind).read_text())
            resolver = jsonschema.RefResolver(schema.get("id", schema.get("$id", "")), schema, store=STORE)
            counts[kind] = counts.get(kind, 0) + 1
            for error in jsonschema.Draft4Validator(schema, resolver=resolver).iter_errors(document):
                failures += 1
                print(f"{path.name}: {kind}: {'/'.join(map(str, error.absolute_path))}: {error.message}")
    for kind, count in sorted(counts.items()):
        print(f"{count} documents fit {kind}")
    sys.exit(1 if failures or len(counts) < 3 else 0)


main()
