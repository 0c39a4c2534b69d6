"""What the tests of this room share: texts like those of the house, and one compiled model."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings import BundledEncoder, Vectors

NEEDS = [
    "Cần máy đo độ ẩm hạt điều tự động cho dây chuyền sấy 5 tấn mỗi ngày",
    "Xử lý nước thải dệt nhuộm đạt QCVN 13:2015 cột A, công suất 800 m³/ngày",
    "Camera và phần mềm nhận diện lỗi bề mặt gỗ ván ép sau chà nhám",
    "Chế phẩm sinh học phòng bệnh cho heo thịt, không dùng kháng sinh",
    "We need a low-cost sensor network to watch humidity in cashew dryers",
    "Wastewater treatment for a textile dyeing plant",
    "Truy xuất nguồn gốc trái cây xuất khẩu bằng mã QR",
]


@pytest.fixture
def needs() -> list[str]:
    return list(NEEDS)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory in which the bundled model lies compiled after its first use."""
    data_dir = tmp_path_factory.mktemp("data")
    yield data_dir
    shutil.rmtree(data_dir)  # pytest would keep three of them, each 77 MB


@pytest.fixture(scope="session")
def bundled(compiled: Path) -> BundledEncoder:
    return BundledEncoder(compiled, threads=1)


@pytest.fixture
def units() -> Vectors:
    """Thirty unit vectors of eight dimensions."""
    rows = np.random.default_rng(7).normal(size=(30, 8))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
