"""Fetches a source archive as it is. Runs with the environment's Python: `DISTRIBUTION FILE FOLDER`.

`pip download` would run the archive's own build script to learn its name, so pip's finder and its session
(which know the user's index, certificates and proxies) are used here instead.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pip._internal.commands import create_command
from pip._internal.commands.download import DownloadCommand


def fetch_source_archive(distribution: str, file: str, folder: Path) -> None:
    """Saves the named file of a distribution into `folder`. Raises LookupError where no index has it."""
    command = create_command("download")
    if not isinstance(command, DownloadCommand):
        raise LookupError("this pip cannot look for source archives")
    options, _ = command.parse_args(["--no-binary", ":all:", "--disable-pip-version-check", distribution])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session)
        links = [candidate.link for candidate in finder.find_all_candidates(distribution)]
        found = next((link for link in links if link.filename == file), None)
        if found is None:
            raise LookupError(f"no index offers {file}")
        answer = session.get(found.url_without_fragment)
        answer.raise_for_status()
        (folder / file).write_bytes(answer.content)


if __name__ == "__main__":
    try:
        fetch_source_archive(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    except LookupError as missing:
        print(f"Error: {missing}")
        sys.exit(1)
