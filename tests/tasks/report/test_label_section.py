import base64
import json
from dataclasses import asdict

import cv2
import numpy as np

from tasks.formats.detection_sets import SetImage
from tasks.report.label_section import label_rows


def test_a_place_is_drawn_in_red_at_the_detector_s_size_beside_the_annotation_in_amber(tmp_path):
    np.save(tmp_path / "images.npy", np.full((1, 64, 64, 3), 128, np.uint8))
    # Half size, 10 px down: the source box 20 .. 60 lies at 10 .. 30 across and 20 .. 40 down.
    record = SetImage("images/a.png", "", 0.5, 0.0, 10.0, ((80.0, 60.0, 120.0, 100.0),), (), (1.0,))
    (tmp_path / "images.json").write_text(json.dumps([asdict(record)]))
    item = {"index": 0, "image": "images/a.png", "box_xyxy": [20.0, 20.0, 60.0, 60.0]}
    content = {"unfound": [], "unlabelled": [item | {"num_detectors": 3, "mean_score": 0.75}]}
    none, (shown,) = label_rows(content, tmp_path).values()
    assert none == [] and shown["caption"] == "a: 3 detectors, mean score 0.75"
    data = np.frombuffer(base64.b64decode(shown["source"].split(",")[1]), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].astype(int)
    is_red = (image[..., 0] - image[..., 1] > 60) & (image[..., 0] - image[..., 2] > 60)
    rows, columns = np.nonzero(is_red[:, :36])
    assert abs(columns.min() - 10) <= 1 and abs(columns.max() - 29) <= 1
    assert abs(rows.min() - 20) <= 1 and abs(rows.max() - 39) <= 1
