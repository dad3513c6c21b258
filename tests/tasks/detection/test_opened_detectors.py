import onnx
import pytest
from onnx import TensorProto, helper

from tasks.detection.opened_detectors import open_detector


def test_a_graph_that_is_no_detector_of_ours_is_refused(tmp_path):
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    other = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "negation", [value], [other])
    imports = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, ir_version=9, opset_imports=imports), tmp_path / "a.onnx")
    with pytest.raises(ValueError, match=r"a\.onnx does not say that it is a verisim-detector-1"):
        open_detector(tmp_path / "a.onnx")
