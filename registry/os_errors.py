"""What the operating system refuses for reasons that only the user can remove, with the fix."""

from __future__ import annotations

import errno
import os

from schemas.errors import Problem

_FIXES = {
    errno.ENOSPC: "free some disk space, then run this again",
    errno.EDQUOT: "free some of your quota, then run this again",
    errno.EFBIG: "raise the limit of a file's size (ulimit -f), then run this again",
    errno.EROFS: "use a writable place",
    errno.EACCES: "let this user read and write it, or use another place",
    errno.EPERM: "let this user read and write it, or use another place",
    errno.EMFILE: "raise the limit of open files (ulimit -n), then run this again",
    errno.ENFILE: "close other programs, then run this again",
    errno.ENOMEM: "close other programs, then run this again",
    errno.ENOTDIR: "a file is where a folder should be: move it away, or use another place",
    errno.EISDIR: "a folder is where a file should be: move it away, or use another place",
    errno.EEXIST: "something is there already: move it away, or use another place",
    errno.ENAMETOOLONG: "use a shorter name or another place",
    errno.ELOOP: "fix the symbolic links, which form a loop",
    errno.EIO: "check the disk, then run this again",
    errno.ESTALE: "check the network drive, then run this again",
    errno.EINVAL: "use another name or place",
}


def refusal(error: OSError) -> Problem | None:
    """The problem to report where the system refused something; None where that can only be our bug."""
    if error.errno == errno.ENOENT and not _has_working_folder():
        return Problem(
            code="no-working-folder",
            message="the current folder does not exist any more",
            fix="change to one that does, with cd",
        )
    if error.errno == errno.ENOENT and "temporary directory" in str(error):
        return Problem(
            code="no-temporary-folder",
            message="no folder for temporary files is writable",
            fix="free space in the system's temporary folder, or set TMPDIR to a writable one",
        )
    fix = _FIXES.get(error.errno or 0)
    if fix is None:
        return None
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    return Problem(code="refused-by-system", message=f"{where}{error.strerror}", fix=fix)


def _has_working_folder() -> bool:
    try:
        os.getcwd()  # noqa: PTH109 - only checks whether there is one
    except OSError:
        return False
    return True
