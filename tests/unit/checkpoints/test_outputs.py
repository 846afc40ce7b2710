from jupyter_node_deploy.checkpoints.outputs import CellOutputs


def collect(*messages, limit: int = 1000):
    outputs = CellOutputs(limit)
    for kind, content in messages:
        outputs.add(kind, content, len(str(content)))
    return outputs.objects()


def stream(text: str, name: str = "stdout"):
    return ("stream", {"name": name, "text": text})


def display(text: str, display_id: str | None = None, kind: str = "display_data"):
    transient = {"display_id": display_id} if display_id else {}
    return (kind, {"data": {"text/plain": text}, "metadata": {}, "transient": transient})


def test_streams_are_merged_until_something_comes_between():
    assert collect(stream("a"), stream("b"), stream("!", "stderr"), stream("c")) == [
        {"output_type": "stream", "name": "stdout", "text": "ab"},
        {"output_type": "stream", "name": "stderr", "text": "!"},
        {"output_type": "stream", "name": "stdout", "text": "c"},
    ]


def test_result_and_error_are_nbformat_outputs():
    result = {"data": {"text/plain": "1"}, "metadata": {}, "execution_count": 3}
    error = {"ename": "E", "evalue": "no", "traceback": ["line"]}
    assert collect(("execute_result", result), ("error", error)) == [
        {"output_type": "execute_result", **result},
        {"output_type": "error", **error},
    ]


def test_clear_output_clears_at_once_or_before_the_next_output():
    assert collect(stream("a"), ("clear_output", {"wait": False})) == []
    waiting = ("clear_output", {"wait": True})
    assert [o["text"] for o in collect(stream("a"), waiting)] == ["a"]
    assert [o["text"] for o in collect(stream("a"), waiting, stream("b"))] == ["b"]


def test_display_is_updated_in_place():
    outputs = collect(
        display("1", "d"),
        stream("between"),
        display("2", "d", "update_display_data"),
        display("3", "other", "update_display_data"),
    )
    assert outputs[0] == {
        "output_type": "display_data",
        "data": {"text/plain": "2"},
        "metadata": {},
    }
    assert len(outputs) == 2


def test_outputs_beyond_the_limit_are_replaced_by_a_note():
    outputs = collect(stream("x" * 800), stream("y" * 800), stream("z"), limit=1024)
    assert outputs[0]["text"] == "x" * 800
    assert "beyond 1 KiB are not kept" in outputs[1]["text"]
    assert len(outputs) == 2


def test_traceback_is_kept_beyond_the_limit():
    error = ("error", {"ename": "E", "evalue": "", "traceback": []})
    outputs = collect(stream("x" * 2000), error, limit=1024)
    assert [o["output_type"] for o in outputs] == ["error", "stream"]


def test_clearing_makes_room_again():
    outputs = collect(
        stream("x" * 2000), ("clear_output", {"wait": False}), stream("done"), limit=1024
    )
    assert outputs == [{"output_type": "stream", "name": "stdout", "text": "done"}]
