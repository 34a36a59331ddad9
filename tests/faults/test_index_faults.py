"""What the exact index does when the world breaks it: it says so, and the rebuild brings everything back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.event_file import HEADER_BYTES, RECORD
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey
from kiosk.vision.types import Embedding

CONTRACT = "recogniser-1"


def face(photo: int, ordinal: int = 0) -> FaceKey:
    return FaceKey(f"{photo:032x}", ordinal)


def embedding(seed: int) -> Embedding:
    vector = np.random.default_rng(seed).standard_normal(512).astype(np.float32)
    return Embedding(vector / np.linalg.norm(vector), CONTRACT)


@pytest.fixture
def index_file(tmp_path: Path) -> Path:
    """The closed file of an event of ten faces."""
    index = ExactIndex(tmp_path, CONTRACT)
    index.add("wedding", [face(number) for number in range(10)], [embedding(number) for number in range(10)])
    index.close()
    return tmp_path / "wedding" / "faces.index"


def reopened(index_file: Path) -> ExactIndex:
    return ExactIndex(index_file.parents[1], CONTRACT)


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


@pytest.mark.parametrize(
    "offset",
    [0, 8, 48, 56, HEADER_BYTES + 100, HEADER_BYTES + 9 * RECORD.itemsize + 2050],
    ids=["magic", "version", "count", "count check", "vector", "key"],
)
def test_a_flipped_byte_is_found_at_opening_and_dropping_heals(index_file: Path, offset: int) -> None:
    original = index_file.read_bytes()[offset]
    overwrite(index_file, offset, bytes([original ^ 0x41]))
    index = reopened(index_file)

    for use in (lambda: index.faces("wedding"), lambda: index.search("wedding", embedding(1))):
        with pytest.raises(KnownError) as refused:
            use()
        assert refused.value.code is ErrorCode.INDEX_DAMAGED

    index.drop("wedding")
    index.add("wedding", [face(1)], [embedding(1)])
    assert index.faces("wedding") == {face(1)}
    index.close()


@pytest.mark.parametrize("size", [0, 10, HEADER_BYTES - 1, HEADER_BYTES + 3 * RECORD.itemsize])
def test_a_file_cut_short_is_found_at_opening(index_file: Path, size: int) -> None:
    os.truncate(index_file, size)
    index = reopened(index_file)

    with pytest.raises(KnownError) as refused:
        index.faces("wedding")

    assert refused.value.code is ErrorCode.INDEX_DAMAGED
    index.close()


def test_a_torn_tail_that_was_never_counted_is_ignored(index_file: Path) -> None:
    overwrite(index_file, HEADER_BYTES + 10 * RECORD.itemsize, os.urandom(RECORD.itemsize + 77))
    index = reopened(index_file)

    assert len(index.faces("wedding")) == 10
    index.add("wedding", [face(10)], [embedding(10)])
    assert index.search("wedding", embedding(10), limit=1)[0].face == face(10)
    index.close()


def test_damage_to_one_event_leaves_the_others_searchable(index_file: Path) -> None:
    index = reopened(index_file)
    index.add("marathon", [face(1)], [embedding(1)])
    index.close()
    overwrite(index_file, 0, b"x")
    index = reopened(index_file)

    assert index.faces("marathon") == {face(1)}
    index.close()


def test_a_removed_face_is_gone_from_the_disk_too(index_file: Path) -> None:
    vector = embedding(4).vector.tobytes()
    assert vector in index_file.read_bytes()
    index = reopened(index_file)
    index.remove_photos("wedding", [face(4).photo_id])
    index.close()

    assert vector not in index_file.read_bytes()


def test_the_file_shrinks_at_opening_after_most_faces_were_removed(tmp_path: Path) -> None:
    index = ExactIndex(tmp_path, CONTRACT)
    index.add("wedding", [face(number) for number in range(2000)], [embedding(1)] * 2000)
    index.remove_photos("wedding", [face(number).photo_id for number in range(1, 2000)])
    index.close()
    before = (tmp_path / "wedding" / "faces.index").stat().st_size
    index = ExactIndex(tmp_path, CONTRACT)

    assert index.faces("wedding") == {face(0)}
    assert index.search("wedding", embedding(1))[0].face == face(0)
    assert (tmp_path / "wedding" / "faces.index").stat().st_size < before / 2
    index.close()


WRITER = """
    import sys
    from pathlib import Path
    import numpy as np
    from kiosk.gallery.exact_index import ExactIndex
    from kiosk.gallery.types import FaceKey
    from kiosk.vision.types import Embedding

    index = ExactIndex(Path(sys.argv[1]), "recogniser-1")
    for number in range(1_000_000):
        vector = np.zeros(512, np.float32)
        vector[number % 512] = 1
        index.add("wedding", [FaceKey(f"{number:032x}", 0)], [Embedding(vector, "recogniser-1")])
        print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_was_added_and_frees_the_lock(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    with writer:
        last = -1
        for line in writer.stdout:
            last = int(line)
            if last == 700:
                writer.send_signal(signal.SIGKILL)
    index = ExactIndex(tmp_path, CONTRACT)
    held = index.faces("wedding")

    assert held >= {face(number) for number in range(last + 1)}
    assert len(held) <= last + 2
    index.close()


def test_a_full_disk_is_said_and_leaves_what_was_there_searchable(tmp_path: Path) -> None:
    index = ExactIndex(tmp_path, CONTRACT)
    index.add("wedding", [face(1)], [embedding(1)])
    size = (tmp_path / "wedding" / "faces.index").stat().st_size
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1000, hard))
    try:
        with pytest.raises(KnownError) as refused:
            index.add("wedding", [face(number) for number in range(2, 2000)], [embedding(2)] * 1998)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)

    assert refused.value.code is ErrorCode.DISK_FULL
    assert index.faces("wedding") == {face(1)}
    index.add("wedding", [face(number) for number in range(2, 2000)], [embedding(2)] * 1998)
    assert len(index.faces("wedding")) == 1999
    index.close()


HOLDER = """
    import sys, time
    from kiosk.gallery.milvus_index import MilvusIndex

    index = MilvusIndex(sys.argv[1], "recogniser-1")
    print("held", flush=True)
    time.sleep(100)
"""


def test_a_milvus_file_of_another_process_is_refused_until_that_one_is_killed(tmp_path: Path) -> None:
    from kiosk.gallery.milvus_index import MilvusIndex

    path = str(tmp_path / "faces.db")
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), path], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(KnownError) as refused:
            MilvusIndex(path, CONTRACT)
        holder.kill()

    assert refused.value.code is ErrorCode.INDEX_LOCKED
    index = MilvusIndex(path, CONTRACT)
    index.add("wedding", [face(1)], [embedding(1)])
    assert index.faces("wedding") == {face(1)}
    index.close()


def test_a_milvus_server_that_is_away_is_said(tmp_path: Path) -> None:
    from kiosk.gallery.milvus_index import MilvusIndex

    with pytest.raises(KnownError) as refused:
        MilvusIndex("http://127.0.0.1:9", CONTRACT)

    assert refused.value.code is ErrorCode.INDEX_UNREACHABLE


def test_a_milvus_path_that_does_not_open_is_said_and_not_held(tmp_path: Path) -> None:
    from kiosk.gallery.milvus_index import MilvusIndex

    (tmp_path / "faces.db").write_bytes(os.urandom(5000))
    with pytest.raises(KnownError) as refused:
        MilvusIndex(str(tmp_path / "faces.db"), CONTRACT)

    assert refused.value.code is ErrorCode.INDEX_DAMAGED
    (tmp_path / "faces.db").unlink()
    MilvusIndex(str(tmp_path / "faces.db"), CONTRACT).close()
