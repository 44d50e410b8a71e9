"""Digests of files: has anything changed since the last time?"""

import hashlib


def digest(root, files):
    """Return a digest of the names and bytes of these files below `root`; folders, caches and absent files do not count."""
    total = hashlib.sha256()
    for path in sorted(files):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(root).as_posix().encode() + b"\n" + path.read_bytes())
    return total.hexdigest()
