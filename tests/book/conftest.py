import os
from pathlib import Path

import pytest

os.environ["MPLBACKEND"] = "Agg"


@pytest.fixture(scope="session")
def root():
    return Path(__file__).resolve().parents[2]
