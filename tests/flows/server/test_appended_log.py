import flows.server.appended_log
from flows.server.appended_log import lines_of_last_start, open_to_append, shorten


def test_each_start_appends_and_the_last_one_is_found(tmp_path):
    path = tmp_path / "server.log"
    for words in ("first", "second\nthird"):
        with open_to_append(path, "the server") as log:
            log.write(f"{words}\n")
    assert lines_of_last_start(path) == ["second", "third"]
    titles = [line for line in path.read_text().splitlines() if line.startswith("---- ")]
    assert len(titles) == 2 and "first" in path.read_text() and titles[0].endswith(" the server")


def test_a_long_log_moves_aside_while_its_process_goes_on_writing(tmp_path, monkeypatch):
    monkeypatch.setattr(flows.server.appended_log, "_MOST_BYTES", 100)
    path = tmp_path / "server.log"
    with open_to_append(path, "the server") as log:
        log.write(f"{'x' * 100}\n")
        log.flush()
        shorten(path)
        log.write("after\n")
    assert path.read_text() == "after\n"
    assert (tmp_path / "server.log.1").read_text().endswith(f"{'x' * 100}\n")
    shorten(path)
    assert path.read_text() == "after\n"
