"""Sets the project up and starts it, or tests it: `python3 -m installer run` and `python3 -m installer test`.

Python 3.11 or newer and nothing else; everything that it brings stays in the project's folder, except system
libraries on Debian and Ubuntu. A step that is done is not done again; a stopped one resumes.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - started with an old Python, it must say so
    sys.exit(
        "Python {}.{} is too old here. Install Python 3.11 or newer and start again with it.".format(
            *sys.version_info[:2]
        )
    )

import argparse
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from installer.checks import run_checks, run_tests
from installer.demo import install_demo
from installer.environment import install_dependencies, install_project, make_venv, program
from installer.measuring import fetch_detector, install_peers
from installer.package.command import TARGETS, package
from installer.peers import install_milvus
from installer.steps import CACHE, ROOT, StepFailedError, only_one, run_step
from installer.system import Host, install_system_libraries
from installer.weights import install_weights


def set_up(for_tests: bool) -> None:
    """Every step in order. Raises StepFailedError at the first that cannot go on."""
    host = Host.here()
    print("Setting up.", flush=True)
    with only_one(CACHE / "installer.lock"):
        run_step("System libraries", lambda: install_system_libraries(host, for_tests))
        run_step("Environment", make_venv)
        run_step("Dependencies", install_dependencies)
        run_step("Project", install_project)
        run_step("Weights", install_weights)
        run_step("Demo pictures", install_demo)
        if for_tests:
            run_step("Test peers", install_milvus)


def set_up_measuring() -> None:
    """What `kiosk bench` measures the kiosk against. Raises StepFailedError."""
    with only_one(CACHE / "installer.lock"):
        run_step("Detector to measure", fetch_detector)
        run_step("Peers", install_peers)


def has_screen(platform: str, environment: Mapping[str, str]) -> bool:
    """Whether a window can open: always outside Linux, there with a display server."""
    return platform != "linux" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def demo_command(arguments: argparse.Namespace, screen: bool) -> list[str]:
    """The command that starts the kiosk on the demo event, or in the demo's shop."""
    command = [str(program("python")), "-m", "ui", "demo"]
    if arguments.headless or not screen:
        command.append("--headless")
    if arguments.store:
        command.append("--store")
    for option in ("out", "photos"):
        folder = getattr(arguments, option)
        if folder is not None:
            command += [f"--{option}", str(Path(folder).resolve())]
    return command


def start_demo(arguments: argparse.Namespace) -> int:
    """Becomes the kiosk; where a process cannot become another, waits for it and returns its exit status."""
    command = demo_command(arguments, has_screen(sys.platform, os.environ))
    os.chdir(ROOT)
    sys.stdout.flush()
    if sys.platform != "win32":
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode


def test(arguments: Sequence[str]) -> int:
    """Runs the checks and then the tests; 1 where anything failed."""
    print("Checking.", flush=True)
    failed = run_checks()
    print("Testing.", flush=True)
    if not run_tests(arguments):
        failed.append("tests")
    print(f"Failed: {', '.join(failed)}." if failed else "All good.", flush=True)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m installer", description="Sets the kiosk up.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("setup", help="set up, and nothing more")
    run = commands.add_parser("run", help="set up and start the kiosk on the demo event")
    run.add_argument("--headless", action="store_true", help="a scripted visitor, without a screen")
    run.add_argument("--store", action="store_true", help="a shop with cameras instead of an event")
    run.add_argument("--photos", metavar="DIR", help="make the event of these pictures")
    run.add_argument("--out", metavar="DIR", help="where the screenshots and the summary go")
    commands.add_parser(
        "measuring", help="set up, with what the kiosk is measured against; research licences"
    )
    packaging = commands.add_parser("package", help="set up and make a package, or what belongs to one")
    packaging.add_argument(
        "target", choices=TARGETS, nargs="?", default="deb", help="; ".join(TARGETS.values())
    )
    commands.add_parser("test", help="set up, check and test; what follows goes to pytest")
    return parser


def main() -> int:
    """The command line. Returns the exit status."""
    parser = _parser()
    arguments, rest = parser.parse_known_args()
    if rest and arguments.command != "test":
        parser.error(f"unknown: {' '.join(rest)}")
    try:
        set_up(for_tests=arguments.command == "test")
        if arguments.command == "measuring":
            set_up_measuring()
        if arguments.command == "package":
            package(arguments.target)
    except StepFailedError as stopped:
        print(f"Stopped. {stopped}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        why = f"{error.strerror or error}{where}"
        print(f"Stopped. {why}. Put that right and start the same command again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped by you. The same command goes on from here.", file=sys.stderr)
        return 130
    if arguments.command == "test":
        return test(rest)
    return start_demo(arguments) if arguments.command == "run" else 0


if __name__ == "__main__":
    sys.exit(main())
