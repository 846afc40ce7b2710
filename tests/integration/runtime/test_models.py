"""Models that people have, from the session that fitted them to a node's answers.

Their libraries start threads, which forked processes don't have: each model has run in the
session, and is run by the dry run, by workers that share the state and by a process per request.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Served, variable

Make = Callable[..., Path]
Save = Callable[..., None]
Serve = Callable[..., Served]
Check = Callable[..., dict[str, Any]]

DATA = """
import warnings; warnings.simplefilter("ignore")
import numpy as np
rng = np.random.default_rng(0)
X = rng.random((500, 4)); target = X[:, 0] * 2 + X[:, 1]; label = (target > 1.5).astype(int)
def rows(x): return np.tile(np.asarray(x, float), (600, 1))
"""
SKLEARN = """
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import (
    GradientBoostingRegressor, HistGradientBoostingRegressor, RandomForestClassifier)
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
class Squares(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None): return self
    def transform(self, X): return np.hstack([X, X**2])
models = [
    RandomForestClassifier(10, n_jobs=-1, random_state=0).fit(X, label),
    GradientBoostingRegressor(n_estimators=10, random_state=0).fit(X, target),
    HistGradientBoostingRegressor(max_iter=10).fit(X, target),
    make_pipeline(Squares(), LinearRegression()).fit(X, target),
    KMeans(3, random_state=0, n_init=2).fit(X),
]
"""
TORCH = """
import torch
torch.manual_seed(0)
class Words(torch.nn.Module):  # as models of sentences: embeddings, a mean, a layer
    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(1000, 300)
        self.layer = torch.nn.Linear(300, 300)
    def forward(self, ids): return torch.tanh(self.layer(self.words(ids).mean(1)))
model = Words()
optimizer = torch.optim.Adam(model.parameters())
ids = torch.randint(0, 1000, (64, 20))
for _ in range(3):
    optimizer.zero_grad()
    loss = (model(ids) ** 2).mean()
    loss.backward()
    optimizer.step()
model.eval()
"""
#: packages; what fits; the cell, which makes ``out`` of ``x``
MODELS = {
    "scikit-learn": (
        ["sklearn"],
        SKLEARN,
        "out = [float(model.predict(rows(x))[-1]) for model in models]",
    ),
    "lightgbm": (
        ["lightgbm", "sklearn"],
        (
            "import lightgbm as lgb\n"
            "booster = lgb.train({'verbose': -1}, lgb.Dataset(X, target), 10)\n"
            "model = lgb.LGBMClassifier(n_estimators=10, verbose=-1).fit(X, label)"
        ),
        "out = [booster.predict(rows(x))[-1], *model.predict_proba(rows(x))[-1]]",
    ),
    "xgboost": (
        ["xgboost", "sklearn"],
        (
            "import xgboost as xgb\n"
            "booster = xgb.train({}, xgb.DMatrix(X, target), 10)\n"
            "model = xgb.XGBClassifier(n_estimators=10).fit(X, label)"
        ),
        (
            "out = [float(booster.predict(xgb.DMatrix(rows(x)))[-1]), "
            "*map(float, model.predict_proba(rows(x))[-1])]"
        ),
    ),
    "catboost": (
        ["catboost"],
        (
            "import catboost\n"
            "model = catboost.CatBoostRegressor(iterations=10, verbose=0, "
            "allow_writing_files=False).fit(X, target)"
        ),
        "out = [float(model.predict(rows(x))[-1])]",
    ),
    "torch": (
        ["torch"],
        TORCH,
        (
            "with torch.no_grad():\n"
            "    out = model((torch.tensor(rows(x)) * 100).long())[-1, :5].tolist()"
        ),
    ),
    "statsmodels": (
        ["statsmodels"],
        "import statsmodels.api as sm\nfitted = sm.OLS(target, sm.add_constant(X)).fit()",
        "out = [fitted.predict([1, *x])[0], fitted.rsquared]",
    ),
    "onnxruntime": (
        ["onnxruntime", "skl2onnx", "sklearn"],
        """
import onnxruntime
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
fitted = LogisticRegression().fit(X.astype("f4"), label)
model = to_onnx(fitted, X[:1].astype("f4")).SerializeToString()
with open(FILE, "wb") as file: file.write(model)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
options.add_session_config_entry("session.set_denormal_as_zero", "1")
session = onnxruntime.InferenceSession(model)
other = onnxruntime.InferenceSession(FILE, options, ["CPUExecutionProvider"])
del model, fitted, file
""",
        """
found = other.get_session_options()
out = [
    *session.run(None, {"X": rows(x).astype("f4")})[1][-1].values(),
    *other.run(None, {"X": rows(x).astype("f4")})[1][-1].values(),
    found.intra_op_num_threads, int(found.graph_optimization_level), other.get_providers(),
    found.get_session_config_entry("session.set_denormal_as_zero"),
]
""",
    ),
    "spacy": (
        ["spacy"],
        "import spacy\nnlp = spacy.blank('en')\nnlp.add_pipe('sentencizer')",
        "out = [[token.text for token in s] for s in nlp(f'It is {x[0]}. So it is.').sents]",
    ),
}
POINTS = [[0.1, 0.2, 0.3, 0.4], [0.9, 0.8, 0.3, 0.1]]


@pytest.mark.parametrize("name", list(MODELS))
def test_models_answer_as_in_the_session(
    make_bundle: Make, save_state: Save, serve: Serve, check: Check, tmp_path: Path, name: str
) -> None:
    packages, fit, cell = MODELS[name]
    for package in packages:
        pytest.importorskip(package)
    told = tmp_path / "told.json"
    told.touch()
    # The session runs the cell, too, as people do before they deploy it.
    run = f"x = point\nexec(compile({cell!r}, 'cell', 'exec'))\nanswers.append(out)\n"
    run = "".join(f"    {line}\n" for line in run.splitlines())
    session = (
        f"{DATA}{fit}\nimport json\nanswers = []\nfor point in {POINTS}:\n{run}"
        f"with open({str(told)!r}, 'w') as file: json.dump(answers, file)\ndel file, out\n"
    )

    def make(isolation: str) -> Path:
        return make_bundle(cell, [variable("x", "list")], [variable("out")], isolation=isolation)

    bundle = make("auto")
    file = tmp_path / "model"
    save_state(bundle, session.replace("FILE", repr(str(file))))
    file.unlink(missing_ok=True)
    expected = json.loads(told.read_text())
    result = check(bundle, {"x": POINTS[0]})
    assert result["ok"], result["error"]
    assert result["output"] == {"out": expected[0]}
    assert result["isolation"]["chosen"] == "shared", result["isolation"]["reason"]
    nodes = []
    for isolation in ("shared", "request"):
        made = shutil.copytree(make(isolation), tmp_path / isolation)
        nodes.append(serve(made, "--workers", "2"))
    for node in nodes:
        # Importing ONNX Runtime starts threads of its own; all others can be forked.
        start = "fresh" if name == "onnxruntime" else "fork"
        assert node.stats()["start"] == start, node.stats()["start_reason"]
        times = 5 if start == "fork" else 1
        sent = [node.send({"x": point}) for point in POINTS * times]
        assert [one.result().json() for one in sent] == [{"out": out} for out in expected] * times
