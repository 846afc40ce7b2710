"""Tensors, networks, optimizers."""

from .case import Case

TORCH = ("torch",)
BOTH = ("torch", "numpy")

CASES = {
    "views of a tensor": Case(
        """
        import torch
        t = torch.zeros(6)
        row = t[1:3]
        square = t.view(2, 3).T
        ---
        row[0] = n
        result = [float(t[1]), float(square[1, 0])]
        """,
        [({"n": 3.0}, [3.0, 3.0])],
        needs=TORCH,
    ),
    "large views of a tensor without a name": Case(
        """
        import torch
        row, column = (lambda t: (t[7], t[:, 9]))(torch.zeros(300, 300))
        ---
        row[9] = n
        result = [float(column[7]), row.stride(), column.stride(), column.storage_offset()]
        """,
        [({"n": 3.0}, "as live")],
        needs=TORCH,
    ),
    "tied parameters of a network": Case(
        """
        import torch
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.a = torch.nn.Linear(3, 3)
                self.b = torch.nn.Linear(3, 3)
                self.b.weight = self.a.weight
        net = Net()
        weight = net.a.weight.data
        ---
        weight.fill_(n)
        result = [float(net.b.weight[0, 0]), net.a.weight is net.b.weight]
        """,
        [({"n": 2.0}, [2.0, True])],
        needs=TORCH,
    ),
    "tensor and array of one memory": Case(
        """
        import numpy as np, torch
        a = np.zeros(4)
        t = torch.from_numpy(a)
        ---
        t[1] = n
        result = float(a[1])
        """,
        [({"n": 2.0}, 2.0)],
        needs=BOTH,
    ),
    "a tensor over a part of a large array": Case(
        """
        import numpy as np, torch
        a = np.zeros((400, 300))
        ---
        t = torch.from_numpy(a[100:])
        u = t.view(-1)
        ---
        a[5, 5] = 1
        ---
        u[0] = n
        result = [float(a[100, 0]), float(a[5, 5]), float(t[0, 0]), t.shape == (300, 300)]
        """,
        [({"n": 2.0}, [2.0, 1.0, 2.0, True])],
        needs=BOTH,
    ),
    "an array over a tensor": Case(
        """
        import torch
        t = torch.zeros(300, 300)
        a = t.numpy()
        ---
        column = a[:, 3]
        ---
        t[4, 3] = 7
        ---
        a[0, 3] = n
        result = [float(t[0, 3]), float(column[0]), float(column[4])]
        """,
        [({"n": 2.0}, [2.0, 2.0, 7.0])],
        needs=BOTH,
    ),
    "changes in place through aliases": Case(
        """
        import torch
        t = torch.zeros(4)
        box = {'inner': [t.view(2, 2)]}
        def touch():
            box['inner'][0].add_(1)
        other = t.detach()
        ---
        touch()
        ---
        torch.mul(other, 3, out=other)
        ---
        torch._foreach_add_([box['inner'][0][0]], 1)
        ---
        result = t.tolist()
        """,
        [({}, [4.0, 4.0, 3.0, 3.0])],
        needs=TORCH,
    ),
    "a training step": Case(
        """
        import torch
        torch.manual_seed(0)
        torch.set_num_threads(1)  # with more, sums differ in their last digits
        net = torch.nn.Sequential(
            torch.nn.Linear(4, 30), torch.nn.ReLU(), torch.nn.BatchNorm1d(30),
            torch.nn.Dropout(0.1), torch.nn.Linear(30, 1),
        )
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
        x, y = torch.rand(32, 4), torch.rand(32, 1)
        def step():
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(net(x), y)
            loss.backward()
            optimizer.step()
            schedule.step()
            return loss.item()
        ---
        losses = [step() for _ in range(3)]
        ---
        torch.set_num_threads(1)
        gradient = float(net[0].weight.grad.sum())
        more = [step() for _ in range(n)]
        net.eval()
        result = [gradient, more, losses, net(x[:1]).tolist(), schedule.get_last_lr()]
        """,
        [({"n": 3}, "as live")],
        needs=TORCH,
        options={"random_state": "checkpoint"},
    ),
    "a computed tensor": Case(
        """
        import torch
        w = torch.ones(3, requires_grad=True)
        loss = (w * 2).sum()
        ---
        result = [loss.item(), loss.requires_grad, loss.is_leaf, (loss * n).tolist()]
        """,
        [({"n": 3.0}, [6.0, True, False, 18.0])],
        needs=TORCH,
    ),
    "going back through what is not saved": Case(
        """
        import torch
        w = torch.ones(3, requires_grad=True)
        loss = (w * 2).sum()
        ---
        loss.backward()
        result = w.grad.tolist()
        """,
        [({}, {"error": "RuntimeError"})],
        needs=TORCH,
        live=False,
    ),
    "tensors of every kind": Case(
        """
        import torch
        every = [
            torch.arange(3, dtype=torch.bfloat16), torch.tensor([1 + 2j]).conj(),
            torch.eye(3).to_sparse(), torch.eye(3).to_sparse_csr(),
            torch.quantize_per_tensor(torch.ones(2), 0.1, 10, torch.quint8),
            torch.empty(0), torch.tensor(5), torch.empty(2, device='meta').shape,
            torch.zeros(2, 0, 3),
        ]
        kind, where, size = torch.float16, torch.device('cpu'), torch.Size([1, 2])
        layout = torch.strided
        class Own(torch.Tensor):
            pass
        own = torch.ones(2).as_subclass(Own)
        own.note = 'x'
        ---
        result = [repr(every), str(kind), str(where), str(size), str(layout),
                  type(own).__name__, own.note, own.tolist(), kind is torch.float16]
        """,
        [({}, "as live")],
        needs=TORCH,
    ),
    "recurrent networks and hooks": Case(
        """
        import torch
        torch.manual_seed(3)
        rnn = torch.nn.LSTM(4, 8, 2, batch_first=True).eval()
        seen = []
        def note(module, given, made):
            seen.append(tuple(made[0].shape))
        handle = rnn.register_forward_hook(note)
        words = torch.nn.Embedding(50, 4, padding_idx=0)
        data = torch.utils.data.TensorDataset(torch.arange(10), torch.arange(10))
        loader = torch.utils.data.DataLoader(data, batch_size=5)
        state = rnn.state_dict()
        ---
        with torch.no_grad():
            made = [rnn(words(batch[None]))[0].sum().item() for batch, _ in loader]
        before = len(seen)
        handle.remove()
        state['weight_ih_l0'].zero_()
        same = float(rnn.weight_ih_l0.sum())
        result = [[round(one, 4) for one in made], seen[:before], len(rnn._forward_hooks), same]
        """,
        [({}, "as live")],
        needs=TORCH,
    ),
    "a network large enough for threads": Case(
        """
        import torch
        torch.manual_seed(3)
        net = torch.nn.Linear(1500, 1500)
        warm = net(torch.ones(800, 1500)).sum().item()
        ---
        with torch.no_grad():
            result = round(net(torch.ones(800, 1500)).sum().item() - warm, 0) == 0
        """,
        needs=TORCH,
    ),
    "torch's random state": Case(
        """
        import torch
        torch.manual_seed(1)
        torch.rand(1)
        g = torch.Generator().manual_seed(2)
        ---
        result = [torch.rand(1).item(), torch.rand(1, generator=g).item()]
        """,
        needs=TORCH,
        options={"random_state": "checkpoint"},
        asked=[({}, "as live")],
    ),
    "networks that torch itself does not pickle": Case(
        """
        import torch
        net = torch.jit.trace(torch.nn.Linear(2, 2), torch.ones(1, 2))
        ---
        result = net(torch.ones(1, 2)).tolist()
        """,
        refused="net (an object",
        reported={"net": "torch"},
        needs=TORCH,
    ),
}
