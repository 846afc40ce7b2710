"""Runs random notebooks and compares each checkpoint with one that looked at everything.

A program of its own, because the session is that of ``__main__``:
``incremental_driver.py KERNEL_PATH DIRECTORY SEED CELLS [torch]``. Prints what it found as JSON.
"""

import builtins
import hashlib
import io
import json
import random
import sys
import threading
from pathlib import Path
from types import ModuleType

kernel_path, _directory, seed, count, *libraries = sys.argv[1:]
directory = Path(_directory)
sys.path.append(kernel_path)
sys.path.insert(0, str(directory))
driver = sys.modules["__main__"]  # not to be collected
main = sys.modules["__main__"] = ModuleType("__main__")
main.__dict__["__builtins__"] = builtins

from IPython.core.interactiveshell import InteractiveShell  # noqa: E402

shell = InteractiveShell.instance(user_module=main)
assert shell.history_manager is not None
shell.history_manager.enabled = False

from _jupyter_node_deploy.agent.agent import Agent  # noqa: E402
from _jupyter_node_deploy.agent.describe.variables import user_variables  # noqa: E402
from _jupyter_node_deploy.agent.patches.patches import NOTHING, find  # noqa: E402
from _jupyter_node_deploy.namespace import save  # noqa: E402

for place in ("blobs", "spool"):
    (directory / place).mkdir()
(directory / "keeper.py").write_text(
    "kept = []\n"
    "def keep(x):\n    kept.append(x)\n"
    "def poke(n):\n    for x in kept:\n        x.append(n)\n"
)
agent = Agent(shell, directory, "kernel", "standard")
agent.start()

START = """
import functools, math, threading, time, collections, weakref
import numpy as np
import pandas as pd
import keeper
from keeper import keep, poke
a, b, c = [1], [2], {"k": [3]}
n = 0
calls, pushes = [], []
arr = np.arange(40.0)
big = np.zeros((300, 50))
view = arr[5:20]
df = pd.DataFrame({"x": np.arange(5.0), "y": list("abcde")})
wide = pd.DataFrame(np.zeros((20_000, 3)), columns=list("pqr"))
def add(x):
    global n
    n += 1
    a.append(x)
def call():
    for f in calls:
        f()
def make(target):
    count = 0
    def inner():
        nonlocal count
        count += 1
        target.append(count)
    return inner
class Box:
    shared = []
    def __init__(self, items):
        self.items = items
    def put(self, x):
        self.items.append(x)
        Box.shared.append(x)
class Shy(Box):
    def __getstate__(self):
        return {}
@functools.lru_cache
def cached(x):
    return [x]
box = Box(a)
shy = Shy(b)
def gen(target):
    while True:
        target.append(0)
        yield
stream = gen(b)
other = np.frombuffer(memory := bytearray(800))
"""

#: ``{i}`` a number, ``{l}``, ``{m}`` names of lists, ``{v}`` a name for anything.
CELLS = r"""
{v} = {i}
{l}.append({i})
{l} = {m}
{l} = [{i}]
{l} = {l} + {m}
{v} = {l}
{v} = {{"it": {l}, "n": {i}}}
c["k"] = {l}
c["k"].append({i})
c = {{"k": [{i}]}}
n += 1
add({i})
poke({i})
keep({l})
keeper.poke({i})
keeper.kept.clear()
calls.append(make({l}))
calls.append(lambda: b.append({i}))
calls.append({l}.pop if len({l}) > 50 else {l}.sort)
call()
[f() for f in calls]
calls.clear()
pushes.append({l}.append)
for p in pushes: p({i})
push = {l}.append
push({i}) if "push" in dir() else None
math.cache = {l}
math.cache.append({i}) if hasattr(math, "cache") else None
arr[{i}] = {i}
view[:] = {i}
np.add(arr, 1, out=arr)
np.add(view, 1, out=view)
np.copyto(arr[:5], {i})
big[{i}] += 1
big[:, {i}] = {i}
row = big[{i}]
row[0] = {i} if "row" in globals() else 0
row += 1
view = arr[{i}:]
arr = arr.copy()
memory[{i}] = {i}
other[{i}] = {i}
df.loc[{i} % 5, "x"] = {i}
df["z{i}"] = {i}
df.iloc[0, 0] += 1
part = df["x"]
part.iloc[0] = {i}
wide.loc[{i}, "p"] = {i}
wide["q"] = wide["q"] + 1
wide.insert(0, "new{i}", {i}, allow_duplicates=True)
box.put({i})
box = Box({l})
box.items = {m}
box.extra = box
Box.shared = {l}
Box.shared.append({i})
shy = Shy({l})
shy.put({i})
kin = [box, {l}, Box]
kin[1].append({i}) if "kin" in dir() else None
cached({i} % 3).append({i})
{v} = cached({i} % 3)
cached.cache_clear()
next(stream)
stream = gen({l})
globals()["{l}"].append({i})
exec("{l}.append({i})")
vars()["{l}"].append({i})
{l}
_.append({i}) if isinstance(_, list) else None
[x.append({i}) for x in Out.values() if isinstance(x, list)]
del {v}
t = threading.Thread(target={l}.append, args=({i},)); t.start(); t.join(); del t
threading.Thread(target=lambda: (time.sleep(0.002), b.append({i}))).start()
it = iter({l})
next(it, None)
half = functools.partial({l}.append, {i})
half()
ring = collections.deque({l})
ring.append({l})
ring[-1].append({i})
pair = ({l}, {m})
pair[0].append({i})
where = weakref.ref(box)
where().put({i})
import importlib; importlib.import_module("keeper").poke({i})
def late(x={l}): x.append({i})
late()
def use():\n    import keeper\n    keeper.poke({i})
use()
class Box:\n    shared = [{i}]\n    def __init__(self, x):\n        self.items = x\n    put = add
def add(x):\n    b.append((x, {i}))
setattr(box, "at{i}", {l})
getattr(box, "items").append({i})
%time {l}.append({i})
1 / 0
{l}.append({i}); raise ValueError
a a
nobody = print
""".strip().splitlines()

if "torch" in libraries:
    START += """
import torch
t = torch.zeros(40)
u = t.view(4, 10)[1]
large = torch.zeros(300, 60)
lent = torch.from_numpy(arr)
back = large.numpy()
net = torch.nn.Linear(3, 2)
step = torch.optim.SGD(net.parameters(), lr=0.1)
loss = net(torch.ones(3)).sum()
def fit():
    step.zero_grad()
    (net(torch.ones(3)) ** 2).sum().backward()
    step.step()
"""
    CELLS += r"""
t[{i}] = {i}
u.add_(1)
torch.mul(u, 2, out=u)
u = t[{i}:]
t = t.clone()
t.data[0] = {i}
large[{i}] += 1
back[{i}, 0] = {i}
column = large[:, {i}]
column.zero_() if "column" in dir() else None
lent[{i}] = {i}
lent = torch.from_numpy(arr)
fit()
net.weight.data.fill_({i})
net.bias.grad = None
loss.backward() if loss.grad_fn and not {i} % 3 else None
loss = net(torch.ones(3)).sum()
{l}.append(net.weight)
{l}.append(t)
torch.nn.init.uniform_(net.weight)
state = net.state_dict()
state["bias"].zero_() if "state" in dir() else None
hook = net.register_forward_hook(lambda *_: b.append({i}))
torch._foreach_add_([u, t], 1)
""".strip().splitlines()


def content(groups, of):
    return {(tuple(sorted(group.names)), of(group)) for group in groups}


def stored(group):
    return group.content


def fresh(group):
    return tuple(hashlib.sha256(part).hexdigest() for part in (group.stream, *group.buffers))


def compare(code):
    baseline = agent.settle()
    names = list(user_variables(shell))
    sources = agent._modules.sources(agent._suspicion.written)
    is_local = agent._modules.is_local
    walked = agent._suspicion.walked
    patches = find(agent._suspicion, shell.user_ns, is_local, NOTHING, walk=walked, forked=True)
    modules = dict(patches.values)
    modules |= {name: value for one in sources for name, value in one.variables().items()}
    whole = save(shell.user_ns, names, agent._submodules, modules=modules)
    ours, theirs = content(baseline.saved.groups, stored), content(whole.groups, fresh)
    if ours == theirs and baseline.saved.unsaved.keys() == whole.unsaved.keys():
        return None
    return {"cell": code, "ours": sorted(ours - theirs), "theirs": sorted(theirs - ours)}


chance = random.Random(int(seed))
missed, done, skipped = [], [], 0
sys.stdout, shown = io.StringIO(), sys.stdout
shell.run_cell(START, store_history=True)
for _ in range(int(count)):
    cell = (
        chance.choice(CELLS)
        .replace("\\n", "\n")
        .format(
            i=chance.randrange(20),
            l=chance.choice("ab"),
            m=chance.choice("ab"),
            v=chance.choice("uvw"),
        )
    )
    shell.run_cell(cell, store_history=True)
    done.append(cell)
    if "sleep" in cell:  # a thread runs on: what it does is in the next checkpoint
        for thread in threading.enumerate():
            if not thread.daemon and thread is not threading.main_thread():
                thread.join()
        continue
    difference = compare(cell)
    skipped += not agent.settle().verified
    if difference:
        missed.append(difference | {"before": done[-6:]})
        agent._checkpointer.baseline = None
sys.stdout = shown
print(json.dumps({"missed": missed, "skipped": skipped}))
