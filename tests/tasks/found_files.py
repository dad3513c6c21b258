"""What a detector leaves behind, as a test wants it."""

import json


def write_detections(folder, images, *, threshold=0.5):
    folder.mkdir()
    content = {"threshold": threshold, "checkpoint_step": 7, "val_f1": 0.5, "images": images}
    (folder / "detections.json").write_text(json.dumps(content))
    return folder
