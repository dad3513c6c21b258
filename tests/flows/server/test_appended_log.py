import json

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


def test_three_older_ones_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(flows.server.appended_log, "_MOST_BYTES", 3)
    path = tmp_path / "server.log"
    for number in range(5):
        path.write_text(f"log {number}")
        shorten(path)
    kept = {item.name: item.read_text() for item in tmp_path.iterdir()}
    assert kept == {
        "server.log": "",
        "server.log.1": "log 4",
        "server.log.2": "log 3",
        "server.log.3": "log 2",
    }


def test_where_logs_are_json_the_line_of_a_start_is_too(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER", "json")
    path = tmp_path / "server.log"
    for words in ("first", '{"logger": "verisim.store", "message": "verisim.start"}'):
        with open_to_append(path, "the server") as log:
            log.write(f"{words}\n")
    starts = [json.loads(line) for line in path.read_text().splitlines() if "starts" in line]
    assert [item["message"] for item in starts] == ["the server starts"] * 2
    assert lines_of_last_start(path) == ['{"logger": "verisim.store", "message": "verisim.start"}']
