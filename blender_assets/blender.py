"""Loads Blender into this process, without threads that spin: `from blender_assets.blender import bpy`.

Blender counts the CPUs when it is loaded and starts as many TBB workers. Those that `render.threads` leaves without work
do not sleep but yield for ever (oneTBB issue 1417): a render with one thread keeps two cores busy, and two children on
two cores slow each other down. So Blender gets to see as many CPUs as OMP_NUM_THREADS allows, the limit that the parent
sets; afterwards the process may use all of them again.
"""

import os


def _visible_cpus(limit: str | None) -> set[int] | None:
    """The CPUs that Blender may count; None where the system cannot say, or no limit is set."""
    if limit is None or not limit.isdigit() or not hasattr(os, "sched_getaffinity"):
        return None
    return set(sorted(os.sched_getaffinity(0))[: max(1, int(limit))])


_visible = _visible_cpus(os.environ.get("OMP_NUM_THREADS"))
if _visible is None:
    import bpy
else:
    _all = os.sched_getaffinity(0)
    os.sched_setaffinity(0, _visible)
    try:
        import bpy
    finally:
        for thread in os.listdir("/proc/self/task"):  # noqa: PTH208  (Blender's have inherited the limit)
            os.sched_setaffinity(int(thread), _all)

from mathutils import Matrix, Vector  # noqa: E402  # pyright: ignore[reportMissingImports]  (a part of bpy)

__all__ = ["Matrix", "Vector", "bpy"]
