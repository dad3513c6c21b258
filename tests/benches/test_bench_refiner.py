import subprocess
import sys
from pathlib import Path

# What a machine that is there for its GPU may lack is hidden.
LOADING = """
import sys
for name in ("pydantic", "cv2", "pycocotools", "prefect", "bpy", "pandas", "yaml", "tasks", "flows"):
    sys.modules[name] = None
import tests.benches.bench_refiner
"""


def test_it_loads_where_nothing_is_installed_but_what_models_need():
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", LOADING]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
