"""On what kind of file system a path lies, as Linux tells it."""

from __future__ import annotations

from pathlib import Path

_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs"}


def network_filesystem(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The network file system that a path lies on; None for local ones, and where the system does not tell."""
    try:
        told = mounts.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    kind = _kind(path.absolute(), told)
    return kind if kind in _NETWORK else None


def _kind(path: Path, mountinfo: str) -> str | None:
    """The type of the mount nearest to a path (proc_pid_mountinfo(5)); later mounts lie over earlier ones."""
    best, kind = -1, None
    for line in mountinfo.splitlines():
        fields, _, rest = line.partition(" - ")
        point = fields.split(" ")[4] if len(fields.split(" ")) > 4 else ""
        place = Path(point.encode().decode("unicode_escape") if "\\" in point else point)
        if point and path.is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), rest.split(" ")[0]
    return kind
